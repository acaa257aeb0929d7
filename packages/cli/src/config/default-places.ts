/** Places that commands name in their help, apart from the schema: help must load nothing but commander. */
export const DEFAULT_TOKENS = '/etc/picket/tokens'
