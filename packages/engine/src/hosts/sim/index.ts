export { EventQueue } from './event-queue.ts'
export { type Connection, type SimulatedClient, Simulator, type SimulatorOptions } from './simulator.ts'
