using Hearth.Engine.Templates.Values;

namespace Hearth.Engine.Templates.Go.Values;

/// <summary>A value of a Go template.</summary>
internal abstract class GoValue
{
    /// <summary>Go's name of the type, as its error messages have it.</summary>
    public abstract string TypeName { get; }

    /// <summary>Whether <c>if</c> takes it as true: not the zero value of its type, nor empty.</summary>
    public abstract bool IsTrue { get; }
}

/// <summary>No value.</summary>
internal sealed class GoNil : GoValue
{
    /// <summary>Nothing at all: a field of it is nothing again.</summary>
    public static readonly GoNil Nothing = new();

    /// <summary>A variable of any type that holds nothing, such as a key that a map does not have: a field of it is an error.</summary>
    public static readonly GoNil Interface = new();

    private GoNil()
    {
    }

    public override string TypeName => "nil";

    public override bool IsTrue => false;
}

/// <summary><c>bool</c>.</summary>
internal sealed class GoBool : GoValue
{
    public static readonly GoBool True = new(true);
    public static readonly GoBool False = new(false);

    private GoBool(bool value) => IsTrue = value;

    public override string TypeName => "bool";

    public override bool IsTrue { get; }

    public static GoBool Of(bool value) => value ? True : False;
}

/// <summary><c>int</c>, and what is made of one byte or character.</summary>
internal sealed class GoInt(long number) : GoValue
{
    public long Number { get; } = number;

    public override string TypeName => "int";

    public override bool IsTrue => Number != 0;
}

/// <summary><c>float64</c>; every number of a JSON text is one.</summary>
internal sealed class GoFloat(double number) : GoValue
{
    public double Number { get; } = number;

    public override string TypeName => "float64";

    public override bool IsTrue => Number != 0;
}

/// <summary><c>string</c>, which knows which parts of it the template's author wrote. Its length and indices count bytes of UTF-8.</summary>
internal sealed class GoString(StringValue value) : GoValue
{
    public static readonly GoString Empty = new(StringValue.Empty);

    public StringValue Value { get; } = value;

    public string Text => Value.Text;

    public override string TypeName => "string";

    public override bool IsTrue => Value.Text.Length > 0;

    public static GoString FromTemplate(string text) => new(StringValue.FromTemplate(text));

    public static GoString FromInput(string text) => new(StringValue.FromInput(text));

    public static GoString From(string text, bool isTrusted) => new(StringValue.From(text, isTrusted));
}
