/** Hears how long statements took, their wait for the connection included. */
export interface StoreObserver {
  answered(operation: 'read' | 'write', milliseconds: number): void;
  failed(): void;
}
