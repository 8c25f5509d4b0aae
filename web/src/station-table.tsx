import { bandColour } from './palette.ts';
import { ageText, type Station } from './station.ts';
import { numberText } from './words.ts';

/** The id of a device's button in the table. */
export const rowId = (deviceId: string): string => `row-${deviceId}`;

/** The map's numbers as a table: the same, for screen readers, print and small machines. */
export function StationTable({
  stations,
  onSelect,
}: {
  readonly stations: readonly Station[];
  readonly onSelect: (id: string) => void;
}) {
  const rows = [...stations].sort((a, b) => b.value - a.value);
  const nowMs = Date.now();
  return (
    <div class="list">
      <table>
        <caption>Devices in view, highest value first</caption>
        <thead>
          <tr>
            {['Device', 'Zone', 'Value', 'European index', 'Quality', 'Measured'].map((title) => (
              <th key={title} scope="col">
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((station) => (
            <tr key={station.device.id}>
              <th scope="row">
                <button type="button" id={rowId(station.device.id)} onClick={() => onSelect(station.device.id)}>
                  {station.device.name}
                </button>
              </th>
              <td>{station.device.zone.name}</td>
              <td>
                {numberText(station.value)} {station.unit}
              </td>
              <td>{station.device.airQuality ? bandColour(station.device.airQuality.band).label : '–'}</td>
              <td>{station.quality.toLowerCase()}</td>
              <td>{ageText(station.time, nowMs)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
