#!/usr/bin/env bash
# The place of the tutorial's walk: hosts behind a gateway, and the rest of the world outside, each a network namespace.
# Nothing leaves them: no link to the machine's own network is made.
#
#   outside (203.0.113.0/24, 2001:db8:66::/48) -- gateway (198.51.100.1) -- web1 (198.51.100.11), web2 (.12), web3 (.13)
#
# TAG keeps walks apart: names of namespaces, and those of the hosts' interfaces, by which kernel lines are told to be theirs
# (addresses are the same in every walk, and all namespaces write into one kernel log).
#
#   walk.sh check            exit 0 when it can run here, else 77 and the reason
#   walk.sh up TAG HOSTS     HOSTS: 1 to 3
#   walk.sh rules TAG HOST STYLE   a fresh firewall; STYLE as in rules.sh
#   walk.sh down TAG         ends only what runs in these namespaces, and removes them
set -euo pipefail

HERE=$(cd "$(dirname "$0")" && pwd)
SWITCH=/proc/sys/net/netfilter/nf_log_all_netns
verb=${1:?check, up, rules or down}
TAG=${2:-}
was=${TMPDIR:-/tmp}/picket-lab-$TAG-nf_log_all_netns

name() { echo "picket-lab-$TAG-$1"; }
inside() { local of=$1; shift; ip netns exec "$(name "$of")" "$@"; }
ours() { ip netns list | awk '{print $1}' | grep "^picket-lab-$TAG-" || true; }

check() {
  local command
  bash "$HERE/lab.sh" check
  for command in ip6tables setpriv; do
    command -v "$command" >/dev/null || { echo "$command is not installed (apt-get install iptables util-linux)" >&2; exit 77; }
  done
}

up() {
  local hosts=${1:?how many hosts} n
  trap 'rc=$?; [ $rc = 0 ] || down; exit $rc' EXIT
  cat "$SWITCH" >"$was"
  for n in outside gateway $(seq -f 'web%.0f' 1 "$hosts"); do
    ip netns add "$(name "$n")"
    inside "$n" sh -c 'cd /proc/sys/net; for c in all default; do
      echo 0 >ipv4/conf/$c/rp_filter; echo 0 >ipv6/conf/$c/accept_dad; echo 0 >ipv6/conf/$c/accept_ra; done
      ip link set lo up'
  done
  # After the namespaces: another lab that ends just now sees them, and leaves the switch alone.
  echo 1 >"$SWITCH"
  # A gateway that lets its own address in from outside, as too many do: else nobody could forge it.
  inside gateway sh -c 'cd /proc/sys/net; echo 1 >ipv4/ip_forward; echo 1 >ipv6/conf/all/forwarding
    echo 1 >ipv4/conf/all/accept_local; ip link add br0 type bridge; ip link set br0 up
    ip addr add 198.51.100.1/24 dev br0; ip addr add 2001:db8:51::1/64 dev br0 nodad'
  ip link add eth0 netns "$(name outside)" type veth peer name ext0 netns "$(name gateway)"
  inside gateway sh -c 'ip link set ext0 up; ip addr add 203.0.113.1/24 dev ext0; ip addr add 2001:db8:66::1/48 dev ext0 nodad'
  outside
  for n in $(seq 1 "$hosts"); do host "$n"; done
  trap - EXIT
}

outside() {
  local mac n
  mac=$(inside gateway cat /sys/class/net/ext0/address)
  inside outside ip link set eth0 up
  for n in 9 66 77 81 82 83; do inside outside ip addr add "203.0.113.$n/24" dev eth0; done
  for n in 9 86; do inside outside ip addr add "2001:db8:66:$n::$n/48" dev eth0 nodad; done
  # Whom nmap is to forge must be an address of ours to route by; and it would ask for the neighbour in that name.
  inside outside ip route add local 198.51.100.1 dev lo
  inside outside sh -c "ip neigh replace 203.0.113.1 lladdr $mac dev eth0 nud permanent
    ip neigh replace 2001:db8:66::1 lladdr $mac dev eth0 nud permanent
    ip route add default via 203.0.113.1; ip -6 route add default via 2001:db8:66::1"
}

host() {
  local n=$1 device="w$TAG$1"
  ip link add "$device" netns "$(name "web$n")" type veth peer name "port$n" netns "$(name gateway)"
  inside gateway ip link set "port$n" master br0 up
  inside "web$n" sh -c "ip link set $device up; ip addr add 198.51.100.1$n/24 dev $device
    ip addr add 2001:db8:51::1$n/64 dev $device nodad
    ip route add default via 198.51.100.1; ip -6 route add default via 2001:db8:51::1"
}

rules() { inside "$1" bash "$HERE/rules.sh" "$2"; }

down() {
  local namespace pid
  for namespace in $(ours); do
    for pid in $(ip netns pids "$namespace"); do kill -9 "$pid" 2>/dev/null || true; done
    ip netns del "$namespace"
  done
  [ -f "$was" ] || return 0
  # Other labs on this machine may still need the switch.
  ip netns list | grep -q lab || cat "$was" >"$SWITCH"
  rm -f "$was"
}

shift
[ "$verb" = check ] || { [[ $TAG =~ ^[a-z0-9]{1,9}$ ]] && shift; } || { echo "walk.sh: TAG must be 1 to 9 of a-z0-9" >&2; exit 2; }
case $verb in
  check | up | rules | down) "$verb" "$@" ;;
  *) sed -n '2,/^set -e/p' "$0" | grep '^#' | sed 's/^# \{0,1\}//'; exit 2 ;;
esac
