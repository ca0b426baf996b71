namespace Hearth.Tests.Fuzzing;

/// <summary>A reader of what others make, and what is expected of it.</summary>
/// <param name="Name">Its name, and that of its folder of inputs in <c>tests/corpus</c>.</param>
/// <param name="Read">Reads an input and says in a few words what came out, so that inputs with new outcomes are changed further; throws a refusal, or what is a failure.</param>
internal sealed record FuzzTarget(string Name, Func<byte[], string> Read)
{
    /// <summary>Inputs beside those of the folder.</summary>
    public IReadOnlyList<byte[]> Seeds { get; init; } = [];

    /// <summary>What inputs are made of: marks, names and values that mean something to the reader.</summary>
    public IReadOnlyList<string> Words { get; init; } = [];

    /// <summary>The exceptions by which the reader refuses an input; null for a reader that takes everything.</summary>
    public required Func<Exception, bool>? IsRefusal { get; init; }

    /// <summary>Puts lengths or check sums right, so that more than these is tried; null where there are none.</summary>
    public Action<byte[]>? Repair { get; init; }

    /// <summary>Characters that the message of a refusal has at most.</summary>
    public int MaxMessage { get; init; } = 8000;

    /// <summary>Rounds of a plain test run.</summary>
    public int Rounds { get; init; } = 1500;

    /// <summary>Bytes that an input has at most.</summary>
    public int MaxLength { get; init; } = 32 * 1024;

    /// <summary>How long one input may be computed.</summary>
    public TimeSpan TimeLimit { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Bytes that may be allocated for any input.</summary>
    public long AllocationBase { get; init; } = 1024 * 1024;

    /// <summary>Bytes that may be allocated beside those for each byte of the input.</summary>
    public int AllocationPerByte { get; init; } = 200;

    /// <summary>Tells refusals by their types.</summary>
    public static Func<Exception, bool> Refusals(params Type[] types) => exception => types.Any(type => type.IsInstanceOfType(exception));
}
