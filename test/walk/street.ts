/** Names of the place that lab/walk.sh makes: rule sets and addresses. */
export type Style = 'iptables' | 'ufw' | 'firewalld' | 'nft'

/** Never scans; who bans him has done harm. */
export const CUSTOMER = '203.0.113.9'
export const CUSTOMER_6 = '2001:db8:66:9::9'
export const GATEWAY = '198.51.100.1'
