using Hearth.Engine.Errors;

namespace Hearth.Engine.Templates;

/// <summary>Why a template failed.</summary>
public enum TemplateErrorKind
{
    /// <summary>The template's text is not valid, or uses a statement that is refused.</summary>
    Syntax,

    /// <summary>An undefined variable, attribute or item was used.</summary>
    Undefined,

    /// <summary>An operation got a value of a type that it does not take.</summary>
    Type,

    /// <summary>An operation got a value that it cannot work with.</summary>
    Value,

    /// <summary>The template called <c>raise_exception</c>.</summary>
    Raised,

    /// <summary>The template tried what the sandbox refuses, such as changing a list.</summary>
    Security,

    /// <summary>The template needed more steps, memory, output or nesting than is allowed.</summary>
    Budget,
}

/// <summary>A chat template could not be parsed or rendered.</summary>
public sealed class TemplateException : Exception
{
    private readonly string _detail;

    /// <summary>Creates the exception.</summary>
    /// <param name="kind">The cause.</param>
    /// <param name="detail">What went wrong, without the place.</param>
    /// <param name="line">The line of the template, from 1; null when it is not known (yet).</param>
    /// <param name="innerException">What caused it, if anything.</param>
    public TemplateException(TemplateErrorKind kind, string detail, int? line = null, Exception? innerException = null)
        : base(detail, innerException)
    {
        Kind = kind;
        _detail = ErrorMessage.Limit(detail);
        Line = line;
    }

    /// <summary>The cause.</summary>
    public TemplateErrorKind Kind { get; }

    /// <summary>The line of the template, from 1, where it happened; null when it is not known.</summary>
    public int? Line { get; internal set; }

    /// <summary>The column of that line, from 1 in UTF-16 units; null when it is not known.</summary>
    public int? Column { get; internal set; }

    /// <summary>What went wrong, without the place; for <see cref="TemplateErrorKind.Raised"/> the template's own words.</summary>
    public string Detail => _detail;

    /// <summary>What went wrong and where.</summary>
    public override string Message => (Line, Column) switch
    {
        (null, _) => $"Chat template: {_detail}",
        ({ } line, null) => $"Chat template, line {line}: {_detail}",
        ({ } line, { } column) => $"Chat template, line {line}, column {column}: {_detail}",
    };

    internal static TemplateException Type(string detail) => new(TemplateErrorKind.Type, detail);

    internal static TemplateException Value(string detail) => new(TemplateErrorKind.Value, detail);

    internal static TemplateException Budget(string detail) => new(TemplateErrorKind.Budget, detail);
}
