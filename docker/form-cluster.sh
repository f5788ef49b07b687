#!/bin/sh
# form-cluster.sh ADDRESS:PORT... - joins empty nodes to one cluster with a replica per primary, and waits until every node calls
# it whole. A cluster that exists already is left as it is, so it may run at every start.
set -eu

[ $# -ge 6 ] || { echo "form-cluster: three primaries with a replica each are six nodes, not $#" >&2; exit 2; }

state_of() {
  valkey-cli -h "${1%:*}" -p "${1##*:}" cluster info | tr -d '\r' | sed -n 's/^cluster_state://p'
}

known_to() {
  valkey-cli -h "${1%:*}" -p "${1##*:}" cluster info | tr -d '\r' | sed -n 's/^cluster_known_nodes://p'
}

if [ "$(known_to "$1")" = 1 ]; then
  valkey-cli --cluster create "$@" --cluster-replicas 1 --cluster-yes
fi

left=${FORM_CLUSTER_SECONDS:-60}
for node in "$@"; do
  until [ "$(state_of "$node")" = ok ] && [ "$(known_to "$node")" -ge $# ]; do
    [ "$left" -gt 0 ] || { echo "form-cluster: $node still does not call the cluster whole" >&2; exit 1; }
    left=$((left - 1))
    sleep 1
  done
done
echo "form-cluster: the cluster of $# nodes is whole"
