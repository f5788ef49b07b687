export { type Cluster, type ClusterNodeInfo, type ClusterOptions, startCluster } from './cluster.ts'
export { DirectoryDisk, type Disk, MemoryDisk } from './disk.ts'
export { NodeServer, type NodeServerOptions } from './node-server.ts'
export { firstTaken, freePortBlock, HIGHEST_CLIENT_PORT, PortInUseError } from './ports.ts'
