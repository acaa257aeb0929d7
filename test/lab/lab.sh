#!/usr/bin/env bash
# Real packets on one machine: namespace `street` scans namespace `door`, whose firewall logs and drops them.
# Nothing leaves the two namespaces. N (0 to 250) keeps labs apart: names, and addresses 10.78.N.0/24 and fd78:N::/64.
#
#   lab.sh check             exit 0 when it can run here, else 77 and the reason
#   lab.sh up N RULES        RULES: iptables | nft
#   lab.sh scan N ARGS...    nmap from `street` at `door`; with -6 at its IPv6 address
#   lab.sh down N            ends only what runs in these two namespaces, and removes them
set -euo pipefail

SWITCH=/proc/sys/net/netfilter/nf_log_all_netns
verb=${1:?check, up, scan or down}
N=${2:-}
door=picket-lab-$N-door
street=picket-lab-$N-street
was=${TMPDIR:-/tmp}/picket-lab-$N-nf_log_all_netns

cannot() { echo "$*" >&2; exit 77; }
in_door() { ip netns exec "$door" "$@"; }
in_street() { ip netns exec "$street" "$@"; }

check() {
  local command probe=picket-lab-probe-$$
  [ "$(id -u)" = 0 ] || cannot "network namespaces need root"
  for command in ip nft iptables nmap; do
    command -v "$command" >/dev/null || cannot "$command is not installed (apt-get install iproute2 nftables iptables nmap)"
  done
  ip netns add "$probe" 2>/dev/null || cannot "this kernel or container makes no network namespaces"
  ip netns del "$probe"
  [ -r /dev/kmsg ] || cannot "/dev/kmsg cannot be read"
  # Not there before the first use of the log target.
  modprobe -q nf_log_syslog 2>/dev/null || true
  [ -w "$SWITCH" ] || cannot "$SWITCH is not writable: the kernel logs nothing from namespaces"
}

up() {
  local rules=${1:?iptables or nft}
  check
  trap 'rc=$?; [ $rc = 0 ] || down; exit $rc' EXIT
  cat "$SWITCH" >"$was"
  ip netns add "$door"
  ip netns add "$street"
  # After the namespaces: another lab that ends just now sees them, and leaves the switch alone.
  echo 1 >"$SWITCH"
  ip link add eth0 netns "$door" type veth peer name eth0 netns "$street"
  in_door sh -c "ip link set lo up; ip link set eth0 up; ip addr add 10.78.$N.1/24 dev eth0; ip addr add fd78:$N::1/64 dev eth0 nodad"
  in_street sh -c "ip link set lo up; ip link set eth0 up; ip addr add 10.78.$N.2/24 dev eth0; ip addr add fd78:$N::2/64 dev eth0 nodad"
  case $rules in
    iptables)
      in_door iptables -A INPUT -p tcp -j LOG --log-prefix 'LAB-DROP ' --log-tcp-options
      in_door iptables -A INPUT -p tcp -j DROP
      ;;
    nft)
      in_door nft -f - <<'NFT'
table inet lab {
  chain input {
    type filter hook input priority 0; policy accept;
    meta l4proto tcp log prefix "LAB-NFT-DROP" flags all drop
  }
}
NFT
      ;;
    *) echo "lab.sh: no rules named '$rules'" >&2; exit 2 ;;
  esac
}

scan() {
  local to=10.78.$N.1 argument
  for argument in "$@"; do [ "$argument" != -6 ] || to=fd78:$N::1; done
  in_street nmap -n -Pn --max-retries 0 --min-rate 200 "$@" "$to"
}

down() {
  local namespace pid
  for namespace in "$door" "$street"; do
    ip netns list | grep -q "^$namespace\b" || continue
    for pid in $(ip netns pids "$namespace"); do kill -9 "$pid" 2>/dev/null || true; done
    ip netns del "$namespace"
  done
  [ -f "$was" ] || return 0
  # Other labs on this machine may still need the switch.
  ip netns list | grep -q lab || cat "$was" >"$SWITCH"
  rm -f "$was"
}

shift
[ "$verb" = check ] || { [[ $N =~ ^[0-9]+$ ]] && [ "$N" -le 250 ] && shift; } || { echo "lab.sh: N must be 0 to 250" >&2; exit 2; }
case $verb in
  check | up | scan | down) "$verb" "$@" ;;
  *) echo "lab.sh: check, up, scan or down" >&2; exit 2 ;;
esac
