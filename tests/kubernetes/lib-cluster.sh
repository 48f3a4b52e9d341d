# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034 # the scripts read what is set here
#
# lib-cluster.sh - a Kubernetes of one node, of Debian's source package, in a
# network namespace of its own.  Everything is below CLUSTER, and only what was
# started from here is ended.

CLUSTER=${CLUSTER:-$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)/build/cluster}
NS=bearerdk8s
NODE=192.0.2.10 # of the namespace's bridge; RFC 5737: nobody's
SOCKET=/run/$NS/containerd.sock
PROGRAMS="kube-apiserver kube-controller-manager kube-scheduler kubelet kube-proxy"
CLUSTER_PACKAGES="golang-1.19-go dpkg-dev rsync etcd-server containerd runc
  containernetworking-plugins conntrack iptables ipset iproute2"

inside() {
  nsenter --net=/run/netns/$NS "$@"
}

k() {
  inside kubectl --kubeconfig="$CLUSTER/kubeconfig" "$@"
}

# ---- programs -------------------------------------------------------------

# apt with source packages, and lists of its own.
apt_source() {
  apt-get -q -o Dir::Etc::SourceList=/dev/null \
    -o Dir::Etc::SourceParts="$CLUSTER/sources.d" \
    -o Dir::State::Lists="$CLUSTER/lists" "$@"
}

cluster_built() {
  local program
  for program in $PROGRAMS; do
    [ -x "$CLUSTER/bin/$program" ] || return 1
  done
}

# Once per machine; some ten minutes of two CPUs.
cluster_build() {
  local version
  cluster_built && return
  mkdir -p "$CLUSTER/sources.d" "$CLUSTER/lists/partial" "$CLUSTER/bin"
  cd "$CLUSTER" || return
  sed 's/^Types: deb$/Types: deb-src/' /etc/apt/sources.list.d/debian.sources \
    >sources.d/debian.sources
  apt_source update && apt_source source --download-only kubernetes &&
    rm -rf src && dpkg-source -x kubernetes_*.dsc src || return
  version=$(sed -n 's/^Version: .*really\([0-9.]*\)-.*/v\1/p' kubernetes_*.dsc | head -n 1)
  cat >version <<V
KUBE_GIT_COMMIT='0'
KUBE_GIT_TREE_STATE='clean'
KUBE_GIT_VERSION='${version:-v1.20.2}'
KUBE_GIT_MAJOR='1'
KUBE_GIT_MINOR='20'
V
  mkdir -p src/.go/src/k8s.io && ln -sfn ../../.. src/.go/src/k8s.io/kubernetes
  # shellcheck disable=SC2086 # a list
  (cd src && env GOPATH="$PWD/.go" GOCACHE="$CLUSTER/gocache" CGO_ENABLED=0 \
    PATH="/usr/lib/go-1.19/bin:$PATH" GOFLAGS=-mod=vendor \
    KUBE_GIT_VERSION_FILE="$CLUSTER/version" nice -n 10 \
    make WHAT="$(printf 'cmd/%s ' $PROGRAMS)") &&
    cp src/_output/bin/kube* bin/ && rm -rf src gocache
  cluster_built
}

# ---- the node -------------------------------------------------------------

# background NAME COMMAND...: in the namespace; its pid is kept for cluster_down.
background() {
  local name=$1
  shift
  setsid nohup nsenter --net=/run/netns/$NS "$@" \
    >"$CLUSTER/log/$name.log" 2>&1 </dev/null &
  echo $! >"$CLUSTER/log/$name.pid"
  disown # the shell need not tell how it ended
}

cluster_settings() {
  cat >kubeconfig <<C
apiVersion: v1
kind: Config
clusters: [{name: c, cluster: {server: "https://$NODE:16443", insecure-skip-tls-verify: true}}]
users: [{name: u, user: {token: admintoken}}]
contexts: [{name: x, context: {cluster: c, user: u}}]
current-context: x
C
  echo 'admintoken,admin,1,"system:masters"' >tokens.csv
  cat >cni/10-bridge.conflist <<'C'
{"cniVersion": "0.4.0", "name": "bearerd", "plugins": [
  {"type": "bridge", "bridge": "kcni0", "isGateway": true, "ipMasq": false, "hairpinMode": true,
   "ipam": {"type": "host-local", "ranges": [[{"subnet": "10.244.0.0/24"}]], "routes": [{"dst": "0.0.0.0/0"}]}},
  {"type": "portmap", "capabilities": {"portMappings": true}}]}
C
  cat >containerd.toml <<C
version = 2
root = "$CLUSTER/containerd"
state = "/run/$NS"
[grpc]
  address = "$SOCKET"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "localhost/pause:1"
  restrict_oom_score_adj = true
  disable_apparmor = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "$CLUSTER/cni"
  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
C
  cat >kubelet.yaml <<C
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
address: $NODE
authentication: {anonymous: {enabled: true}, webhook: {enabled: false}}
authorization: {mode: AlwaysAllow}
readOnlyPort: 0
cgroupDriver: cgroupfs
failSwapOn: false
oomScoreAdj: 0
maxOpenFiles: 20000
makeIPTablesUtilChains: false
clusterDNS: [10.96.0.10]
clusterDomain: cluster.local
evictionHard: {nodefs.available: "1%", imagefs.available: "1%", memory.available: "50Mi", nodefs.inodesFree: "1%"}
C
  cat >proxy.yaml <<C
apiVersion: kubeproxy.config.k8s.io/v1alpha1
kind: KubeProxyConfiguration
mode: iptables
clusterCIDR: 10.244.0.0/16
hostnameOverride: n1
clientConnection: {kubeconfig: $CLUSTER/kubeconfig}
conntrack: {maxPerCore: 0, min: 0, tcpCloseWaitTimeout: 0s, tcpEstablishedTimeout: 0s}
C
}

# A bridge is the node's interface: a node may not have a loopback address.
cluster_network() {
  ip netns add $NS
  ip -n $NS link set lo up
  ip -n $NS link add node0 type bridge
  ip -n $NS addr add $NODE/24 dev node0
  ip -n $NS link set node0 up
  ip -n $NS route add default dev node0
  inside sysctl -qw net.ipv4.ip_forward=1
}

until_ready() {
  local i
  for ((i = 0; i < 400; i++)); do
    "$@" >/dev/null 2>&1 && return
    sleep 0.25
  done
  return 1
}

node_ready() { k get nodes | grep -q ' Ready'; }
api_ready() {
  inside curl -sk -H 'Authorization: Bearer admintoken' \
    "https://$NODE:16443/readyz" | grep -q '^ok'
}

# cluster_up IMAGE.tar...: until the node is ready.
cluster_up() {
  local tar
  mkdir -p "$CLUSTER/cni" "$CLUSTER/log" && cd "$CLUSTER" || return
  rm -rf etcd # what an earlier one had
  [ -s sa.key ] || openssl genrsa -out sa.key 2048 2>/dev/null
  cluster_settings
  cluster_network
  background containerd containerd -c containerd.toml
  background etcd etcd --data-dir etcd \
    --listen-client-urls http://127.0.0.1:12379 \
    --advertise-client-urls http://127.0.0.1:12379 \
    --listen-peer-urls http://127.0.0.1:12380
  background apiserver bin/kube-apiserver \
    --etcd-servers=http://127.0.0.1:12379 --bind-address=$NODE \
    --advertise-address=$NODE --secure-port=16443 --cert-dir=certs \
    --token-auth-file=tokens.csv --authorization-mode=RBAC \
    --service-cluster-ip-range=10.96.0.0/16 \
    --service-account-issuer=https://kubernetes.default.svc \
    --service-account-signing-key-file=sa.key \
    --service-account-key-file=sa.key --allow-privileged=true \
    --kubelet-preferred-address-types=InternalIP
  until_ready api_ready || return
  background manager bin/kube-controller-manager --kubeconfig=kubeconfig \
    --use-service-account-credentials=true \
    --service-account-private-key-file=sa.key \
    --root-ca-file=certs/apiserver.crt --leader-elect=false \
    --bind-address=127.0.0.1 --port=0
  background scheduler bin/kube-scheduler --kubeconfig=kubeconfig \
    --leader-elect=false --bind-address=127.0.0.1 --port=0
  for tar in "$@"; do
    ctr -a $SOCKET -n k8s.io images import "$tar" >/dev/null || return
  done
  background kubelet bin/kubelet --config kubelet.yaml --kubeconfig kubeconfig \
    --container-runtime=remote --container-runtime-endpoint=unix://$SOCKET \
    --hostname-override=n1 --root-dir="$CLUSTER/kubelet" --node-ip=$NODE
  background proxy bin/kube-proxy --config proxy.yaml
  until_ready node_ready
}

containers() { timeout 10 ctr -a $SOCKET -n k8s.io "$@"; }
containers_gone() { [ -z "$(containers tasks ls -q)" ]; }

# end NAME [SIGNAL]: what background has started.
end() {
  [ -s "$CLUSTER/log/$1.pid" ] || return
  kill -s "${2:-TERM}" "$(cat "$CLUSTER/log/$1.pid")" 2>/dev/null
  rm -f "$CLUSTER/log/$1.pid"
}

cluster_down() {
  local name task
  [ -e /run/netns/$NS ] || return 0
  # The kubelet takes the pods down, and with them their namespaces.
  k delete deployment,replicaset,pod --all -A --wait=false --grace-period=1 \
    >/dev/null 2>&1
  until_ready containers_gone
  for name in kubelet proxy scheduler manager etcd; do
    end $name
  done
  end apiserver KILL
  sleep 1
  for task in $(containers tasks ls -q 2>/dev/null); do
    containers tasks rm -f "$task" >/dev/null 2>&1
  done
  end containerd
  sleep 1
  awk -v d="$CLUSTER" -v r=/run/$NS '
    index($2, d "/") == 1 || index($2, r "/") == 1 { print $2 }' /proc/mounts |
    tac | xargs -r umount
  ip netns del $NS
  find /sys/fs/cgroup/*/kubepods -depth -type d -exec rmdir {} + 2>/dev/null
  rm -rf /run/$NS
}
