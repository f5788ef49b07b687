/** Where a node takes clients, plainly and over TLS; 0: it does not. */
export type ClientPorts = { readonly port: number; readonly tlsPort: number }

/** As packets carry them: the port of the kind that the bus itself is of stands first. */
export type PortsOnBus = { readonly port: number; readonly otherPort: number }

/** `tlsBus`: do nodes talk over TLS (`tls-cluster`)? All nodes of a cluster must agree. */
export function portsFromBus({ port, otherPort }: PortsOnBus, tlsBus: boolean): ClientPorts {
  return tlsBus ? { port: otherPort, tlsPort: port } : { port, tlsPort: otherPort }
}

/** The other way round. */
export function portsForBus({ port, tlsPort }: ClientPorts, tlsBus: boolean): PortsOnBus {
  return tlsBus ? { port: tlsPort, otherPort: port } : { port, otherPort: tlsPort }
}
