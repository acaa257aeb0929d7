#!/bin/sh
# A firewall of the user's own, as enforcer.firewall.command takes one: here nftables with a table of its own.
set -eu
table='inet own'
set_of() {
  case $1 in
    *:*/*) echo nets6 ;; */*) echo nets4 ;; *:*) echo hosts6 ;; *) echo hosts4 ;;
  esac
}
case $1 in
  check) [ "${2:-}" = tool ] || nft list chain $table pre >/dev/null 2>&1 ;;
  prepare)
    never=$(cat)
    nft -f - <<END
add table $table
add set $table hosts4 { type ipv4_addr; flags timeout; }
add set $table hosts6 { type ipv6_addr; flags timeout; }
add set $table nets4 { type ipv4_addr; flags interval, timeout; }
add set $table nets6 { type ipv6_addr; flags interval, timeout; }
add chain $table pre { type filter hook prerouting priority -310; policy accept; }
flush chain $table pre
$(for net in $never; do case $net in *:*) echo "add rule $table pre ip6 saddr $net accept" ;; *) echo "add rule $table pre ip saddr $net accept" ;; esac; done)
add rule $table pre ip saddr @hosts4 drop
add rule $table pre ip6 saddr @hosts6 drop
add rule $table pre ip saddr @nets4 drop
add rule $table pre ip6 saddr @nets6 drop
END
    ;;
  add)
    s=$(set_of "$2")
    printf 'add element %s %s { %s }\ndelete element %s %s { %s }\nadd element %s %s { %s timeout %ss }\n' \
      "$table" "$s" "$2" "$table" "$s" "$2" "$table" "$s" "$2" "$3" | nft -f -
    ;;
  del)
    s=$(set_of "$2")
    printf 'add element %s %s { %s }\ndelete element %s %s { %s }\n' "$table" "$s" "$2" "$table" "$s" "$2" | nft -f -
    ;;
  list)
    nft list tables inet | grep -q own || exit 0
    nft -j list table $table | python3 -c '
import json, sys
for item in json.load(sys.stdin)["nftables"]:
    for e in item.get("set", {}).get("elem", []):
        e = e["elem"]
        v = e["val"]
        print(v if isinstance(v, str) else "%s/%s" % (v["prefix"]["addr"], v["prefix"]["len"]), e["expires"])'
    ;;
  flush) nft "add table $table; delete table $table" ;;
  *) exit 2 ;;
esac
