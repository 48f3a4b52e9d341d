// SPDX-License-Identifier: MIT
// manifests.js - what tests/kubernetes/run asks about rendered manifests.
//     manifests.js types FILE          each document as a typed constant
//     manifests.js rules FILE          the rules of PrometheusRule, for promtool
//     manifests.js environment FILE    bearerd's variables, NAME=VALUE
//     manifests.js redis FILE          what the shell of its container is told
//     manifests.js problems FILE       what a schema cannot tell: references
//                                      that lead nowhere, rights too many
'use strict'
const fs = require('fs')
const yaml = require('js-yaml')

const [what, file] = process.argv.slice(2)
const docs = yaml.loadAll(fs.readFileSync(file, 'utf8')).filter(Boolean)
const of = kind => docs.filter(d => d.kind === kind)
const problems = []

// Made by hand before anything is applied: see production/kustomization.yaml.
const SECRET = 'tokenservice-secrets'

function moduleOf(apiVersion) {
  if (apiVersion === 'monitoring.coreos.com/v1') return './operator'
  const [group, version] = apiVersion.includes('/')
    ? apiVersion.split('/') : ['core', apiVersion]
  return `kubernetes-types/${group.replace('.k8s.io', '')}/${version}`
}

function types() {
  docs.forEach((doc, i) => {
    const type = `import('${moduleOf(doc.apiVersion)}').${doc.kind}`
    console.log(`// ${doc.kind} ${doc.metadata.name}`)
    console.log(`export const d${i}: ${type} = ${JSON.stringify(doc, null, 2)}`)
  })
}

function rules() {
  const groups = of('PrometheusRule').flatMap(r => r.spec.groups)
  console.log(JSON.stringify({ groups }))
}

const containersOf = spec =>
  [...(spec.initContainers || []), ...spec.containers]

// Those that the kubelet would give the container; the last one counts.
function environmentOf(container) {
  const all = {}
  for (const { configMapRef } of container.envFrom || []) {
    const map = of('ConfigMap').find(m => m.metadata.name === configMapRef.name)
    Object.assign(all, map ? map.data : {})
  }
  for (const { name, value } of container.env || []) all[name] = value
  return all
}

const bearerds = () => of('Deployment')
  .flatMap(d => containersOf(d.spec.template.spec))
  .filter(c => c.name === 'bearerd')

function environment() {
  for (const c of bearerds())
    for (const [name, value] of Object.entries(environmentOf(c)))
      console.log(`${name}=${value}`)
}

function redis() {
  const d = of('Deployment').find(d => d.metadata.name === 'tokenservice-redis')
  console.log(d.spec.template.spec.containers[0].args[0])
}

function problem(doc, text) {
  problems.push(`${doc.kind} ${doc.metadata.name}: ${text}`)
}

const matches = (selector, labels) =>
  Object.entries(selector).every(([k, v]) => (labels || {})[k] === v)
const podsOf = selector => of('Deployment')
  .filter(d => matches(selector, d.spec.template.metadata.labels))

// The demands of the policy "restricted", and ours besides.
function checkRights(d, spec) {
  const pod = spec.securityContext || {}
  if (!pod.runAsNonRoot) problem(d, 'runAsNonRoot')
  if ((pod.seccompProfile || {}).type !== 'RuntimeDefault')
    problem(d, 'seccompProfile')
  if (spec.automountServiceAccountToken !== false)
    problem(d, 'automountServiceAccountToken')
  if (spec.enableServiceLinks !== false) problem(d, 'enableServiceLinks')
  for (const v of spec.volumes || [])
    if (!v.emptyDir && !v.secret && !v.configMap)
      problem(d, `volume ${v.name} is of a kind that is not permitted`)
  for (const c of containersOf(spec)) {
    const own = c.securityContext || {}
    if (own.allowPrivilegeEscalation !== false)
      problem(d, `${c.name}: allowPrivilegeEscalation`)
    if (!own.readOnlyRootFilesystem)
      problem(d, `${c.name}: readOnlyRootFilesystem`)
    if (String((own.capabilities || {}).drop) !== 'ALL' ||
        (own.capabilities || {}).add)
      problem(d, `${c.name}: capabilities`)
    if (!((own.runAsUser || pod.runAsUser) > 0)) problem(d, `${c.name}: user`)
    if (!c.resources || !c.resources.limits || !c.resources.limits.memory)
      problem(d, `${c.name}: no limit on memory`)
    if (c.terminationMessagePolicy !== 'FallbackToLogsOnError')
      problem(d, `${c.name}: terminationMessagePolicy`)
    if (!/:[^:\/]*\d[^:\/]*$/.test(c.image)) problem(d, `${c.name}: image ${c.image}`)
  }
}

function checkVolumes(d, spec) {
  const volumes = new Map((spec.volumes || []).map(v => [v.name, v]))
  for (const c of containersOf(spec)) {
    for (const m of c.volumeMounts || [])
      if (!volumes.has(m.name)) problem(d, `no volume ${m.name}`)
    for (const { configMapRef } of c.envFrom || [])
      if (!of('ConfigMap').some(m => m.metadata.name === configMapRef.name))
        problem(d, `no ConfigMap ${configMapRef.name}`)
    const ports = (c.ports || []).map(p => p.name)
    for (const probe of ['startupProbe', 'livenessProbe', 'readinessProbe']) {
      const action = c[probe] && (c[probe].httpGet || c[probe].tcpSocket)
      if (c[probe] && !ports.includes(action.port))
        problem(d, `${c.name}: ${probe} at no port of its own`)
    }
  }
  for (const v of volumes.values()) {
    if (v.secret && v.secret.secretName !== SECRET)
      problem(d, `no Secret ${v.secret.secretName}`)
    if (v.secret && (v.secret.defaultMode !== 0o440 ||
        !spec.securityContext.fsGroup))
      problem(d, `Secret ${v.name}: not readable for its group alone`)
    if (v.configMap &&
        !of('ConfigMap').some(m => m.metadata.name === v.configMap.name))
      problem(d, `no ConfigMap ${v.configMap.name}`)
    if (v.emptyDir && (v.emptyDir.medium !== 'Memory' || !v.emptyDir.sizeLimit))
      problem(d, `volume ${v.name}: no limit, or not in memory`)
  }
}

const seconds = t => parseInt(t || '0', 10)

function checkBearerd(d, spec) {
  for (const c of containersOf(spec).filter(c => c.name === 'bearerd')) {
    const e = environmentOf(c)
    const needed = seconds(e.BEARERD_SHUTDOWN_DELAY) +
      seconds(e.BEARERD_DRAIN_TIMEOUT || '15s')
    if (spec.terminationGracePeriodSeconds < needed + 5)
      problem(d, `is killed after ${spec.terminationGracePeriodSeconds} s, ` +
        `and needs ${needed}`)
    const paths = (c.volumeMounts || []).map(m => m.mountPath)
    if (!paths.includes('/dev/shm')) problem(d, 'no memory at /dev/shm')
    for (const [name, value] of Object.entries(e))
      if (/_FILE$/.test(name) &&
          !paths.some(p => value.startsWith(p + '/')))
        problem(d, `${name}: ${value} is not mounted`)
  }
}

function checkServices() {
  for (const s of of('Service')) {
    const pods = podsOf(s.spec.selector)
    if (pods.length !== 1) problem(s, 'does not lead to one Deployment')
    for (const d of pods) {
      const names = containersOf(d.spec.template.spec)
        .flatMap(c => c.ports || []).map(p => p.name)
      for (const p of s.spec.ports)
        if (!names.includes(p.targetPort)) problem(s, `no port ${p.targetPort}`)
    }
  }
  for (const p of [...of('NetworkPolicy').map(n => [n, n.spec.podSelector]),
    ...of('PodDisruptionBudget').map(b => [b, b.spec.selector])])
    if (podsOf(p[1].matchLabels).length !== 1)
      problem(p[0], 'does not select one Deployment')
  for (const h of of('HorizontalPodAutoscaler'))
    if (!of('Deployment').some(d =>
      d.metadata.name === h.spec.scaleTargetRef.name && !d.spec.replicas))
      problem(h, 'has no Deployment, or one that sets replicas')
  for (const m of of('ServiceMonitor'))
    for (const e of m.spec.endpoints)
      if (!of('Service').some(s =>
        matches(m.spec.selector.matchLabels, s.metadata.labels) &&
        s.spec.ports.some(p => p.name === e.port)))
        problem(m, `no Service with port ${e.port}`)
}

// Pod networks lie in 10/8: who gets tokens there is said by labels.
const POD_NETWORKS = ['10.42.0.0/16', '10.244.0.0/16']

function checkPolicy(n) {
  const from = n.spec.ingress.flatMap(rule => rule.from)
  for (const { ipBlock } of from.filter(f => f.ipBlock))
    for (const pods of POD_NETWORKS)
      if (!(ipBlock.except || []).includes(pods))
        problem(n, `${ipBlock.cidr} lets in all pods of ${pods}`)
  if (!n.spec.policyTypes.includes('Egress') || !n.spec.egress) return
  const out = n.spec.egress
  for (const port of [6379, 6380, 26379])
    if (!out.some(rule => rule.ports.some(p => p.port === port)))
      problem(n, `Redis' port ${port} is not open`)
  if (!out.some(rule => rule.ports.some(p => p.port === 53) && rule.to.some(t =>
    t.ipBlock && t.ipBlock.cidr === '169.254.20.10/32')))
    problem(n, "NodeLocal DNSCache is out of reach")
}

function checkNamespaces() {
  const all = new Set(docs.map(d => d.kind === 'Namespace' ? d.metadata.name
    : d.metadata.namespace))
  if (all.size !== 1) problems.push(`namespaces: ${[...all]}`)
}

function check() {
  for (const d of of('Deployment')) {
    const spec = d.spec.template.spec
    if (!matches(d.spec.selector.matchLabels, d.spec.template.metadata.labels))
      problem(d, 'does not select its own pods')
    checkRights(d, spec)
    checkVolumes(d, spec)
    checkBearerd(d, spec)
  }
  checkServices()
  of('NetworkPolicy').filter(n => n.metadata.name === 'tokenservice')
    .forEach(checkPolicy)
  checkNamespaces()
  problems.forEach(p => console.log(p))
}

({ types, rules, environment, redis, problems: check })[what]()
