namespace Hearth.Cli;

/// <summary>Text of files and models on its way to a terminal, which it must not be able to steer.</summary>
internal static class TerminalText
{
    /// <summary>The text with a space for every control character, so that it is also one line.</summary>
    public static string Printable(string text) => string.Create(text.Length, text, (characters, source) =>
    {
        for (int i = 0; i < source.Length; i++)
        {
            characters[i] = char.IsControl(source[i]) ? ' ' : source[i];
        }
    });

    /// <summary>The text with a space for every control character but the ends of its lines and tabulators.</summary>
    public static string PrintableLines(string text) => string.Create(text.Length, text, (characters, source) =>
    {
        for (int i = 0; i < source.Length; i++)
        {
            characters[i] = char.IsControl(source[i]) && source[i] is not ('\n' or '\t') ? ' ' : source[i];
        }
    });

    /// <summary>Characters in a line of the terminal; 80 where that is not known.</summary>
    public static int Columns()
    {
        try
        {
            return Console.WindowWidth is > 0 and int columns ? columns : 80;
        }
        catch (IOException)
        {
            return 80;
        }
    }
}
