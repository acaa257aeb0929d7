/** The version, as package.json has it (a test compares them: reading a file here would cost start-up time). */
export const VERSION = '0.1.0'
