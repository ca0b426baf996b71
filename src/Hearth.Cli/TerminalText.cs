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
}
