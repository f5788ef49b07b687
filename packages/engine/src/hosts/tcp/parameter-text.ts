/** A parameter as the system reads it, as the name of a file: parameters have one unit for each byte, of what is text in UTF-8. */
export function parameterText(parameter: string): string {
  return Buffer.from(parameter, 'latin1').toString()
}
