/** The time zone of this machine: whoever looks at the pages for development sits at it. */
export function machineTimeZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}
