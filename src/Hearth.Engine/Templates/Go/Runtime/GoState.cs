using Hearth.Engine.Templates.Go.Ast;
using Hearth.Engine.Templates.Go.Values;
using Hearth.Engine.Templates.Runtime;

namespace Hearth.Engine.Templates.Go.Runtime;

/// <summary>What one rendering shares: its limits, its clock, its output, its variables and the place that runs.</summary>
internal sealed class GoState
{
    private readonly TemplateRenderOptions _options;
    private readonly IReadOnlyDictionary<string, GoBlock> _templates;
    private readonly List<KeyValuePair<string, GoValue>> _variables = [];
    private int _frame;

    public GoState(IReadOnlyDictionary<string, GoBlock> templates, TemplateRenderOptions options, CancellationToken ct)
    {
        _templates = templates;
        _options = options;
        Budget = new Budget(options, ct);
        Output = new TextBuilder(Budget);
    }

    public Budget Budget { get; }

    public TextBuilder Output { get; }

    /// <summary>Where in the template the node begins that was started last; less than 0 before the first.</summary>
    public int Position { get; set; } = -1;

    /// <summary>The value of a key that a map does not have.</summary>
    public GoNil Missing { get; set; } = GoNil.Interface;

    /// <summary>The local time that <c>currentDate</c> sees.</summary>
    public DateTimeOffset Now => _options.Clock.GetLocalNow();

    /// <summary>The number of variables; they are dropped with <see cref="Pop"/>.</summary>
    public int Mark() => _variables.Count;

    public void Pop(int mark) => _variables.RemoveRange(mark, _variables.Count - mark);

    public void Push(string name, GoValue value) => _variables.Add(KeyValuePair.Create(name, value));

    /// <summary>Changes the variable that was pushed at a mark.</summary>
    public void Replace(int mark, GoValue value) => _variables[mark] = KeyValuePair.Create(_variables[mark].Key, value);

    public void Assign(string name, GoValue value) => _variables[IndexOf(name)] = KeyValuePair.Create(name, value);

    public GoValue Find(string name) => _variables[IndexOf(name)].Value;

    /// <summary>Renders a template that sees no variables but <c>$</c>.</summary>
    public void Execute(GoBlock body, GoValue data)
    {
        int outer = _frame;
        _frame = _variables.Count;
        Push("$", data);
        body.Execute(this, data);
        Pop(_frame);
        _frame = outer;
    }

    /// <summary>Renders the template that was defined with a name.</summary>
    public void Execute(string name, GoValue data) => Execute(
        _templates.TryGetValue(name, out GoBlock? body) ? body : throw Undefined($"template \"{name}\" not defined"), data);

    public static TemplateException Undefined(string detail) => new(TemplateErrorKind.Undefined, detail);

    private int IndexOf(string name)
    {
        Budget.Charge();
        for (int i = _variables.Count - 1; i >= _frame; i--)
        {
            if (_variables[i].Key == name)
            {
                return i;
            }
        }

        throw Undefined($"undefined variable: {name}");
    }
}
