using System.Text.Json;
using Hearth.Engine.Grammar.Automata;
using Hearth.Engine.Grammar.Gbnf;
using Hearth.Engine.Grammar.Lazy;
using Hearth.Engine.Grammar.Regex;
using Hearth.Engine.Grammar.Schemas;
using Hearth.Engine.Grammar.Text;

namespace Hearth.Engine.Grammar;

/// <summary>
/// What the text of an answer must be. It is not changed after it is made, so any number of requests, models and threads may share it.
/// </summary>
public sealed class GenerationConstraint
{
    private const string AnyObject = """{"type": "object"}""";
    private const string AnyValue = "true";

    private readonly Func<AutomatonBuilder, int> _define;

    private GenerationConstraint(string what, Func<AutomatonBuilder, int> define)
    {
        _define = define;
        AutomatonBuilder builder = new();
        Automaton = PushdownAutomaton.Create(builder, define(builder), what);
    }

    /// <summary>States of its automaton: about how much memory it takes.</summary>
    public int StateCount => Automaton.StateCount;

    /// <summary>Whether it only begins where one of its triggers is written.</summary>
    public bool IsLazy { get; private init; }

    /// <summary>Texts of control tokens that are text to it.</summary>
    public IReadOnlyList<string> TextTokens { get; private init; } = [];

    internal PushdownAutomaton Automaton { get; }

    /// <summary>Values that satisfy a JSON Schema (2020-12), as JSON.</summary>
    /// <param name="schema">The schema. Its <c>$ref</c> lead into itself.</param>
    /// <exception cref="GrammarException">The schema is broken, asks for what is not supported, is too complex, or nothing satisfies it.</exception>
    public static GenerationConstraint FromJsonSchema(string schema)
    {
        ArgumentNullException.ThrowIfNull(schema);
        if (schema.Length > GrammarLimits.SourceLength)
        {
            throw GrammarException.TooComplex($"a schema of {schema.Length} characters", $"at most {GrammarLimits.SourceLength}");
        }

        return new GenerationConstraint("schema", builder =>
        {
            try
            {
                using JsonDocument document = JsonDocument.Parse(schema, new JsonDocumentOptions { MaxDepth = GrammarLimits.Nesting });
                return new SchemaCompiler(document.RootElement, builder, ValueNotation.Json).CompileRoot();
            }
            catch (JsonException exception)
            {
                throw GrammarException.NotJson(exception.Message);
            }
        });
    }

    /// <summary>Any JSON object.</summary>
    public static GenerationConstraint FromJsonObject() => FromJsonSchema(AnyObject);

    /// <summary>Any JSON value.</summary>
    public static GenerationConstraint FromJsonValue() => FromJsonSchema(AnyValue);

    /// <summary>Texts that follow a grammar in llama.cpp's notation (GBNF).</summary>
    /// <param name="grammar">The grammar.</param>
    /// <param name="root">The rule that whole texts follow.</param>
    /// <exception cref="GrammarException">The grammar is broken, asks for what is not supported, is too complex, or nothing satisfies it.</exception>
    public static GenerationConstraint FromGbnf(string grammar, string root = "root")
    {
        ArgumentNullException.ThrowIfNull(grammar);
        ArgumentNullException.ThrowIfNull(root);
        return new GenerationConstraint("grammar", builder => new GbnfParser(grammar, builder).Parse(root));
    }

    /// <summary>Texts that a regular expression matches as a whole.</summary>
    /// <param name="pattern">The expression, as ECMA-262 has it with the flag <c>u</c>, without look-around, back references and word boundaries.</param>
    /// <exception cref="GrammarException">The expression is broken, asks for what is not supported, is too complex, or nothing matches it.</exception>
    public static GenerationConstraint FromRegex(string pattern)
    {
        ArgumentNullException.ThrowIfNull(pattern);
        return new GenerationConstraint("regular expression", builder => builder.AddRule("expression", RegexCompiler.Match(pattern, CharacterForm.Plain)));
    }

    /// <summary>The same, where control tokens are the text that the vocabulary has for them.</summary>
    /// <param name="texts">Their texts.</param>
    public GenerationConstraint WithTextTokens(IReadOnlyList<string> texts) => new("grammar", _define) { TextTokens = texts, IsLazy = IsLazy };

    /// <summary>Any text up to a trigger, and from its beginning on what this constraint says.</summary>
    /// <param name="triggers">The triggers: each text of this constraint begins with one of them.</param>
    /// <exception cref="GrammarException">A text of this constraint does not begin with a trigger, or none with one of them.</exception>
    public GenerationConstraint After(IReadOnlyList<ConstraintTrigger> triggers)
    {
        ArgumentNullException.ThrowIfNull(triggers);
        TriggeredGrammar grammar = new(this, triggers);
        return new GenerationConstraint("grammar", grammar.Define) { IsLazy = true };
    }

    /// <summary>Texts of a rule.</summary>
    /// <param name="what">What messages call it.</param>
    /// <param name="define">Adds the rule to an automaton, and returns its number.</param>
    /// <exception cref="GrammarException">It is too complex, or nothing satisfies it.</exception>
    internal static GenerationConstraint Create(string what, Func<AutomatonBuilder, int> define) => new(what, define);

    /// <summary>The same texts as a part of another automaton.</summary>
    internal Expression Within(AutomatonBuilder builder) => Expression.Call(_define(builder));
}
