using System.Globalization;
using Hearth.Engine.Scheduling;

namespace Hearth.Server.Hosting;

/// <summary>A model that needs more memory than all models may have.</summary>
public sealed class ModelMemoryException(string model, MemoryEstimate estimate, long budgetBytes) : Exception(
    $"The model `{model}` needs about {ByteSize.Format(estimate.Total)} of memory (weights {ByteSize.Format(estimate.Weights)}, cache "
    + $"{ByteSize.Format(estimate.Cache)}, the rest {ByteSize.Format(estimate.Total - estimate.Weights - estimate.Cache)}); models may have {ByteSize.Format(budgetBytes)}. "
    + "Use a smaller context, cache or model, or raise the limit with --memory.")
{
    /// <summary>The model.</summary>
    public string Model { get; } = model;

    /// <summary>What it needs.</summary>
    public MemoryEstimate Estimate { get; } = estimate;

    /// <summary>Bytes that all models may have.</summary>
    public long BudgetBytes { get; } = budgetBytes;
}

/// <summary>A request whose model got no memory in time, because other models were busy all the while.</summary>
public sealed class ModelBusyException : Exception
{
    private ModelBusyException(string message, TimeSpan retryAfter)
        : base(message) => RetryAfter = retryAfter;

    /// <summary>When it may be worth another try.</summary>
    public TimeSpan RetryAfter { get; }

    internal static ModelBusyException Waited(string model, MemoryEstimate estimate, MemoryUse use, TimeSpan waited) => new(
        $"The model `{model}` needs about {ByteSize.Format(estimate.Total)} of memory; {use}. They were busy for {Seconds(waited)} s. Try again later, or raise the limits (--memory, --max-models).",
        TimeSpan.FromSeconds(10));

    internal static ModelBusyException QueueFull(string model, int waiting) => new(
        $"The model `{model}` is not loaded, and {waiting.ToString(CultureInfo.InvariantCulture)} requests wait for memory already, as many as may. Try again later.",
        TimeSpan.FromSeconds(10));

    private static string Seconds(TimeSpan time) => Math.Round(time.TotalSeconds).ToString(CultureInfo.InvariantCulture);
}

/// <summary>What is loaded, and what may be.</summary>
/// <param name="UsedBytes">Bytes that loaded models need.</param>
/// <param name="BudgetBytes">Bytes that they may.</param>
/// <param name="MaxModels">How many there may be, or null.</param>
/// <param name="Models">Their names.</param>
internal readonly record struct MemoryUse(long UsedBytes, long BudgetBytes, int? MaxModels, IReadOnlyList<string> Models)
{
    public override string ToString() =>
        $"models may have {ByteSize.Format(BudgetBytes)}{(MaxModels is int most ? $" and be {most.ToString(CultureInfo.InvariantCulture)} at once" : string.Empty)}, "
        + $"of which {ByteSize.Format(UsedBytes)} are taken by {string.Join(", ", Models)}";
}
