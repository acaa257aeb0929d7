#!/usr/bin/env bash
# rules.sh STYLE, run inside a namespace: a fresh filter that logs what it refuses, as the tool of that name writes it.
# Open are TCP 22, 80 and 443, and UDP 53 and 123. Whatever stood there goes, but for Picket's own table.
#
#   iptables    psad's manual: every LOG option, then a policy of DROP
#   ufw         ufw 0.36 with `ufw logging high`; its default, 3 lines a minute, hides a scan
#   firewalld   firewalld 1.3 (nftables) with LogDenied=all; it rejects
#   nft         a plain nftables filter with a policy of drop
set -eu

flush() {
  local tool table chain
  for tool in iptables ip6tables; do
    for table in filter raw; do "$tool" -w -t "$table" -F; "$tool" -w -t "$table" -X; done
    for chain in INPUT FORWARD OUTPUT; do "$tool" -w -P "$chain" ACCEPT; done
  done
  nft list tables | while read -r _ family table; do
    case $table in picket | filter | raw) ;; *) nft delete table "$family" "$table" ;; esac
  done
}

psad_manual() { # TOOL ICMP-PROTOCOL ECHO-OPTION
  local tool=$1 echo="-p $2 $3 echo-request" options='--log-tcp-options --log-ip-options --log-tcp-sequence --log-macdecode'
  "$tool" -w -A INPUT -i lo -j ACCEPT
  "$tool" -w -A INPUT -m conntrack --ctstate INVALID -j LOG --log-prefix 'DROP INVALID ' $options
  "$tool" -w -A INPUT -m conntrack --ctstate INVALID -j DROP
  "$tool" -w -A INPUT -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT
  "$tool" -w -A INPUT -p tcp --syn -m multiport --dports 22,80,443 -j ACCEPT
  "$tool" -w -A INPUT -p udp -m multiport --dports 53,123 -j ACCEPT
  "$tool" -w -A INPUT $echo -j ACCEPT
  "$tool" -w -A INPUT -j LOG --log-prefix 'DROP ' $options
  "$tool" -w -P INPUT DROP
}

in_iptables() {
  local type
  for type in neighbour-solicitation neighbour-advertisement router-advertisement; do
    ip6tables -w -A INPUT -p icmpv6 -m icmp6 --icmpv6-type "$type" -j ACCEPT
  done
  psad_manual iptables icmp --icmp-type
  psad_manual ip6tables icmpv6 --icmpv6-type
}

in_ufw() {
  local tool port
  for tool in iptables ip6tables; do
    "$tool" -w -N ufw-logging-deny
    "$tool" -w -N ufw-skip-to-policy-input
    [ "$tool" = iptables ] || "$tool" -w -A INPUT -p icmpv6 -j ACCEPT
    "$tool" -w -A INPUT -m limit --limit 3/min --limit-burst 10 -j LOG --log-prefix '[UFW AUDIT] '
    "$tool" -w -A ufw-logging-deny -m conntrack --ctstate INVALID -j LOG --log-prefix '[UFW AUDIT INVALID] '
    "$tool" -w -A ufw-logging-deny -j LOG --log-prefix '[UFW BLOCK] '
    "$tool" -w -A ufw-skip-to-policy-input -j DROP
    "$tool" -w -A INPUT -i lo -j ACCEPT
    "$tool" -w -A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
    "$tool" -w -A INPUT -m conntrack --ctstate INVALID -j ufw-logging-deny
    "$tool" -w -A INPUT -m conntrack --ctstate INVALID -j DROP
    for port in 137/udp 138/udp 139/tcp 445/tcp 67/udp 68/udp; do
      "$tool" -w -A INPUT -p "${port#*/}" --dport "${port%/*}" -j ufw-skip-to-policy-input
    done
    "$tool" -w -A INPUT -p tcp -m multiport --dports 22,80,443 -j ACCEPT
    "$tool" -w -A INPUT -p udp -m multiport --dports 53,123 -j ACCEPT
    "$tool" -w -A INPUT -j ufw-logging-deny
    "$tool" -w -P INPUT DROP
  done
}

in_firewalld() {
  nft -f - <<'NFT'
table inet firewalld {
  chain filter_IN_public {
    meta l4proto { icmp, icmpv6 } accept
    tcp dport { 22, 80, 443 } ct state { new, untracked } accept
    udp dport { 53, 123 } ct state { new, untracked } accept
    log prefix "filter_IN_public_REJECT: "
    reject with icmpx type admin-prohibited
  }
  chain filter_INPUT {
    type filter hook input priority filter + 10; policy accept;
    ct state { established, related } accept
    iifname "lo" accept
    ct state invalid log prefix "STATE_INVALID_DROP: "
    ct state invalid drop
    jump filter_IN_public
  }
}
NFT
}

in_nft() {
  nft -f - <<'NFT'
table inet firewall {
  chain input {
    type filter hook input priority filter; policy drop;
    iif lo accept
    ct state invalid log prefix "nft-invalid " flags all drop
    ct state established,related accept
    icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert, nd-router-advert } accept
    icmp type echo-request accept
    icmpv6 type echo-request accept
    tcp dport { 22, 80, 443 } tcp flags & (fin|syn|rst|ack) == syn accept
    udp dport { 53, 123 } accept
    log prefix "nft-drop " flags all
  }
}
NFT
}

style=${1:?a style}
case $style in
  iptables | ufw | firewalld | nft) flush; "in_$style" ;;
  *) echo "rules.sh: no style '$style'" >&2; exit 2 ;;
esac
