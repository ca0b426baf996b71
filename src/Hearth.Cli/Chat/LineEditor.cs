using System.Text;

namespace Hearth.Cli.Chat;

/// <summary>How reading a line ended.</summary>
internal enum LineEnd
{
    /// <summary>With Enter.</summary>
    Entered,

    /// <summary>With Ctrl-C: the line is dropped.</summary>
    Interrupted,

    /// <summary>With Ctrl-D on an empty line, or the end of the input.</summary>
    EndOfInput,
}

/// <summary>Reads lines in a terminal, with the usual keys and the lines entered before.</summary>
internal sealed class LineEditor
{
    private const int MaxHistory = 500;
    private readonly List<string> _history = [];
    private readonly StringBuilder _text = new();
    private string _prompt = string.Empty;
    private string _draft = string.Empty;
    private int _cursor;
    private int _historyIndex;
    private int _screenRow;

    /// <summary>Reads one line, which joins the history when it is entered.</summary>
    public (LineEnd End, string Text) Read(string prompt)
    {
        if (Console.IsOutputRedirected || Environment.GetEnvironmentVariable("TERM") == "dumb")
        {
            Console.Write(prompt);
            return Console.ReadLine() is string line ? (LineEnd.Entered, line) : (LineEnd.EndOfInput, string.Empty);
        }

        (_prompt, _draft, _cursor, _historyIndex, _screenRow) = (prompt, string.Empty, 0, _history.Count, 0);
        _text.Clear();
        bool treatsControlC = Console.TreatControlCAsInput;
        Console.TreatControlCAsInput = true;
        try
        {
            LineEnd end = ReadKeys();
            Redraw(_text.Length);
            Console.WriteLine();
            string line = _text.ToString();
            if (end == LineEnd.Entered && line.Length > 0 && (_history.Count == 0 || _history[^1] != line))
            {
                _history.Add(line);
                _history.RemoveRange(0, Math.Max(0, _history.Count - MaxHistory));
            }

            return (end, line);
        }
        finally
        {
            Console.TreatControlCAsInput = treatsControlC;
        }
    }

    private LineEnd ReadKeys()
    {
        while (true)
        {
            if (!Console.KeyAvailable)
            {
                Redraw(_cursor);
            }

            ConsoleKeyInfo key = Console.ReadKey(intercept: true);
            bool control = key.Modifiers.HasFlag(ConsoleModifiers.Control);
            if (key.Key == ConsoleKey.Enter || (control && key.Key == ConsoleKey.J))
            {
                return LineEnd.Entered;
            }

            if (control && key.Key == ConsoleKey.C)
            {
                return LineEnd.Interrupted;
            }

            if (control && key.Key == ConsoleKey.D && _text.Length == 0)
            {
                return LineEnd.EndOfInput;
            }

            if (control || key.Modifiers.HasFlag(ConsoleModifiers.Alt))
            {
                ApplyChord(key.Key);
            }
            else
            {
                Apply(key);
            }
        }
    }

    private void Apply(ConsoleKeyInfo key)
    {
        switch (key.Key)
        {
            case ConsoleKey.LeftArrow: _cursor = Previous(_cursor); break;
            case ConsoleKey.RightArrow: _cursor = Next(_cursor); break;
            case ConsoleKey.Home: _cursor = 0; break;
            case ConsoleKey.End: _cursor = _text.Length; break;
            case ConsoleKey.UpArrow: Recall(_historyIndex - 1); break;
            case ConsoleKey.DownArrow: Recall(_historyIndex + 1); break;
            case ConsoleKey.Backspace: Delete(Previous(_cursor), _cursor); break;
            case ConsoleKey.Delete: Delete(_cursor, Next(_cursor)); break;
            default:
                if (!char.IsControl(key.KeyChar) || key.KeyChar == '\t')
                {
                    _text.Insert(_cursor++, key.KeyChar);
                }

                break;
        }
    }

    private void ApplyChord(ConsoleKey key)
    {
        switch (key)
        {
            case ConsoleKey.A: _cursor = 0; break;
            case ConsoleKey.E: _cursor = _text.Length; break;
            case ConsoleKey.B: _cursor = Previous(_cursor); break;
            case ConsoleKey.F: _cursor = Next(_cursor); break;
            case ConsoleKey.P: Recall(_historyIndex - 1); break;
            case ConsoleKey.N: Recall(_historyIndex + 1); break;
            case ConsoleKey.D: Delete(_cursor, Next(_cursor)); break;
            case ConsoleKey.H: Delete(Previous(_cursor), _cursor); break;
            case ConsoleKey.U: Delete(0, _cursor); break;
            case ConsoleKey.K: Delete(_cursor, _text.Length); break;
            case ConsoleKey.W or ConsoleKey.Backspace: Delete(WordStart(), _cursor); break;
            case ConsoleKey.LeftArrow: _cursor = WordStart(); break;
            case ConsoleKey.RightArrow: _cursor = WordEnd(); break;
            case ConsoleKey.L:
                Console.Write("\u001b[H\u001b[2J");
                _screenRow = 0;
                break;
        }
    }

    private void Recall(int index)
    {
        if (index < 0 || index > _history.Count)
        {
            return;
        }

        if (_historyIndex == _history.Count)
        {
            _draft = _text.ToString();
        }

        _historyIndex = index;
        _text.Clear().Append(index == _history.Count ? _draft : _history[index]);
        _cursor = _text.Length;
    }

    private void Delete(int from, int to)
    {
        _text.Remove(from, to - from);
        _cursor = from;
    }

    private int Previous(int index) => index == 0 ? 0 : index > 1 && char.IsLowSurrogate(_text[index - 1]) ? index - 2 : index - 1;

    private int Next(int index) => index == _text.Length ? index : index + 1 < _text.Length && char.IsHighSurrogate(_text[index]) ? index + 2 : index + 1;

    private int WordStart()
    {
        int index = _cursor;
        for (; index > 0 && char.IsWhiteSpace(_text[index - 1]); index--)
        {
        }

        for (; index > 0 && !char.IsWhiteSpace(_text[index - 1]); index--)
        {
        }

        return index;
    }

    private int WordEnd()
    {
        int index = _cursor;
        for (; index < _text.Length && char.IsWhiteSpace(_text[index]); index++)
        {
        }

        for (; index < _text.Length && !char.IsWhiteSpace(_text[index]); index++)
        {
        }

        return index;
    }

    /// <summary>Draws prompt and text anew, from the row on which the prompt began, and puts the cursor where it belongs.</summary>
    private void Redraw(int cursor)
    {
        string text = _text.ToString().Replace('\t', ' ');
        int width = Math.Max(1, Console.WindowWidth);
        (int endRow, int endColumn) = Place(_prompt + text, width);
        (int row, int column) = Place(_prompt + text[..cursor], width);
        StringBuilder output = new();
        output.Append(_screenRow > 0 ? $"\u001b[{_screenRow}A" : string.Empty).Append("\r\u001b[J").Append(_prompt).Append(text);
        if (endColumn == 0 && endRow > 0)
        {
            // A terminal stays on a full row until something more is written.
            output.Append("\r\n");
        }

        output.Append(endRow > row ? $"\u001b[{endRow - row}A" : string.Empty).Append('\r').Append(column > 0 ? $"\u001b[{column}C" : string.Empty);
        Console.Write(output);
        _screenRow = row;
    }

    private static (int Row, int Column) Place(string text, int width)
    {
        int row = 0;
        int column = 0;
        foreach (Rune rune in text.EnumerateRunes())
        {
            int cells = Cells(rune);
            if (column + cells > width)
            {
                row++;
                column = 0;
            }

            column += cells;
            if (column == width)
            {
                row++;
                column = 0;
            }
        }

        return (row, column);
    }

    // Unicode Standard Annex 11, roughly: marks take no cell; East Asian wide characters and emoji take two.
    private static int Cells(Rune rune) => Rune.GetUnicodeCategory(rune) switch
    {
        System.Globalization.UnicodeCategory.NonSpacingMark or System.Globalization.UnicodeCategory.EnclosingMark or System.Globalization.UnicodeCategory.Format => 0,
        _ => rune.Value is (>= 0x1100 and <= 0x115F) or (>= 0x2E80 and <= 0xA4CF) or (>= 0xAC00 and <= 0xD7A3) or (>= 0xF900 and <= 0xFAFF)
            or (>= 0xFE30 and <= 0xFE6F) or (>= 0xFF00 and <= 0xFF60) or (>= 0xFFE0 and <= 0xFFE6) or (>= 0x1F300 and <= 0x1FAFF) or (>= 0x20000 and <= 0x3FFFD) ? 2 : 1,
    };
}
