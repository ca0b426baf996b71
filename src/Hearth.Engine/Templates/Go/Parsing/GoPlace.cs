namespace Hearth.Engine.Templates.Go.Parsing;

/// <summary>Turns a position of the template into the place that an error names.</summary>
internal static class GoPlace
{
    /// <summary>Gives an exception that has no place yet the one of a position (UTF-16 units from the start).</summary>
    public static TemplateException Mark(TemplateException exception, string source, int position)
    {
        if (exception.Line is null)
        {
            ReadOnlySpan<char> before = source.AsSpan(0, Math.Min(position, source.Length));
            exception.Line = before.Count('\n') + 1;
            exception.Column = before.Length - before.LastIndexOf('\n');
        }

        return exception;
    }
}
