export default function SlotRoom() {
  return <p>…</p>
}
