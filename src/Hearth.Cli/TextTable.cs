using System.Text;

namespace Hearth.Cli;

/// <summary>A table without borders: headers, rows, two spaces between the columns.</summary>
/// <param name="headers">The headers.</param>
internal sealed class TextTable(params string[] headers)
{
    private const int Gap = 2;
    private const int Least = 12;
    private readonly List<string[]> _rows = [headers];

    /// <summary>The columns whose cells are cut where a terminal is narrower than the table; a pipe has no width.</summary>
    public IReadOnlyList<int> Shrinkable { get; init; } = [0];

    /// <summary>Adds a row. Cells may be text of files and networks.</summary>
    public void Add(params string[] cells) => _rows.Add([.. cells.Select(TerminalText.Printable)]);

    /// <summary>Writes the table.</summary>
    public void Write(CliContext context) => context.Output.Write(Render(context.HasOutputTerminal ? context.Columns() : null));

    /// <summary>The table as text.</summary>
    /// <param name="columns">Characters that a line may have; null for any number.</param>
    public string Render(int? columns)
    {
        int[] widths = new int[headers.Length];
        foreach (string[] row in _rows)
        {
            for (int column = 0; column < widths.Length; column++)
            {
                widths[column] = Math.Max(widths[column], row[column].Length);
            }
        }

        Shrink(widths, columns);
        StringBuilder text = new();
        StringBuilder line = new();
        foreach (string[] row in _rows)
        {
            line.Clear();
            for (int column = 0; column < row.Length; column++)
            {
                string cell = row[column].Length > widths[column] ? row[column][..(widths[column] - 1)] + "…" : row[column];
                line.Append(cell).Append(' ', widths[column] - cell.Length + Gap);
            }

            text.Append(line.ToString().TrimEnd()).Append('\n');
        }

        return text.ToString();
    }

    private void Shrink(int[] widths, int? columns)
    {
        int excess = columns is int limit ? widths.Sum() + (Gap * (widths.Length - 1)) - limit : 0;
        foreach (int column in Shrinkable.OrderByDescending(column => widths[column]))
        {
            int less = Math.Clamp(excess, 0, Math.Max(0, widths[column] - Math.Max(Least, headers[column].Length)));
            widths[column] -= less;
            excess -= less;
        }
    }
}
