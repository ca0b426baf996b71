using Hearth.Engine.Templates.Builtins;
using Hearth.Engine.Templates.Runtime;

namespace Hearth.Engine.Templates.Values;

/// <summary>A value of a template, with Python's behaviour.</summary>
internal abstract class Value
{
    /// <summary>Python's name of the type, as its error messages have it.</summary>
    public abstract string TypeName { get; }

    /// <summary>Python's <c>bool(value)</c>.</summary>
    public virtual bool IsTrue => true;

    /// <summary>Python's <c>len(value)</c>; null when it has none.</summary>
    public virtual int? Length => null;

    /// <summary>The name that Jinja uses in "X has no attribute".</summary>
    public virtual string Description => $"{TypeName} object";

    /// <summary>Python's <c>iter(value)</c>; null when it cannot be iterated.</summary>
    public virtual IEnumerator<Value>? Iterate(RenderState state) => null;

    /// <summary>Python's <c>getattr</c>; null when there is no such attribute.</summary>
    public virtual Value? Attribute(RenderState state, string name) => null;

    /// <summary>Python's <c>value[key]</c>; null for a key that is not there or cannot be one.</summary>
    public virtual Value? Item(RenderState state, Value key) => null;

    /// <summary>An attribute that the sandbox hides: printing it is nothing, using it is an error.</summary>
    protected UndefinedValue Unsafe(string name) =>
        new($"access to attribute '{name}' of '{TypeName}' object is unsafe.", TemplateErrorKind.Security);
}

/// <summary>Python's <c>None</c>.</summary>
internal sealed class NoneValue : Value
{
    public static readonly NoneValue Instance = new();

    public override string TypeName => "NoneType";

    public override bool IsTrue => false;

    public override string Description => "None";
}

/// <summary>Python's <c>True</c> and <c>False</c>.</summary>
internal sealed class BoolValue : Value
{
    public static readonly BoolValue True = new(true);
    public static readonly BoolValue False = new(false);

    private BoolValue(bool value) => IsTrue = value;

    public override string TypeName => "bool";

    public override bool IsTrue { get; }

    public override Value? Attribute(RenderState state, string name) => NumberMethods.Find(IntValue.Of(IsTrue ? 1 : 0), name);

    public static BoolValue Of(bool value) => value ? True : False;
}

/// <summary>Something that was looked up and is not there.</summary>
internal sealed class UndefinedValue : Value
{
    private readonly Value? _owner;
    private readonly Value? _key;
    private readonly string? _message;
    private readonly TemplateErrorKind _kind = TemplateErrorKind.Undefined;

    public UndefinedValue(string message, TemplateErrorKind kind = TemplateErrorKind.Undefined)
    {
        _message = message;
        _kind = kind;
    }

    public UndefinedValue(Value owner, Value key)
    {
        _owner = owner;
        _key = key;
    }

    public override string TypeName => "Undefined";

    public override bool IsTrue => false;

    public override int? Length => 0;

    public static UndefinedValue Variable(string name) => new($"'{name}' is undefined");

    public override IEnumerator<Value> Iterate(RenderState state) => Enumerable.Empty<Value>().GetEnumerator();

    public override Value Attribute(RenderState state, string name) => throw Error(state);

    public override Value Item(RenderState state, Value key) => throw Error(state);

    /// <summary>The error of using the value.</summary>
    public TemplateException Error(RenderState state) => new(_kind, Message(state));

    private string Message(RenderState state) => (_message, _key) switch
    {
        ({ } message, _) => message,
        (_, StringValue name) => $"'{_owner!.Description}' has no attribute {Representation.Repr(state, name).Text}",
        _ => $"{_owner!.Description} has no element {Representation.Repr(state, _key!).Text}",
    };
}
