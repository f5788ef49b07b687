/**
 * A block of free client ports with their bus ports, all below 32,768: from there on systems take the near ends of outgoing
 * connections, and one of them may have a port between the look and the listening.
 */
export declare function freeTestPorts(count: number): Promise<number>
//# sourceMappingURL=test-ports.d.ts.map
