export { isError, SimulatedClusterClient, SimulatedConnection, type SimulatedReply } from './client.ts'
export { parseScenario, runScenario, type ScenarioResult, type Statement } from './scenario.ts'
export { type Connection, type SimulatedClient, Simulator, type SimulatorOptions } from './simulator.ts'
