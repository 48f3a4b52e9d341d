// SPDX-License-Identifier: MIT
// The part of the Prometheus operator's objects that the manifests use.
import { ObjectMeta, LabelSelector } from 'kubernetes-types/meta/v1'

export interface ServiceMonitor {
  apiVersion: 'monitoring.coreos.com/v1'
  kind: 'ServiceMonitor'
  metadata: ObjectMeta
  spec: {
    jobLabel?: string
    selector: LabelSelector
    namespaceSelector?: { any?: boolean; matchNames?: string[] }
    endpoints: { port: string; path?: string; interval?: string }[]
  }
}

export interface PrometheusRule {
  apiVersion: 'monitoring.coreos.com/v1'
  kind: 'PrometheusRule'
  metadata: ObjectMeta
  spec: {
    groups: {
      name: string
      interval?: string
      rules: {
        alert: string
        expr: string
        for?: string
        labels: { severity: 'critical' | 'warning' }
        annotations: { summary: string; description?: string }
      }[]
    }[]
  }
}
