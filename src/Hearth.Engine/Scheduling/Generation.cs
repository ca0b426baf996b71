using System.Threading.Channels;

namespace Hearth.Engine.Scheduling;

/// <summary>An answer in the making. Disposing ends the work within one step.</summary>
public sealed class Generation : IDisposable
{
    private readonly GenerationJob _job;

    internal Generation(GenerationJob job) => _job = job;

    /// <summary>What happens, ending with <see cref="GenerationFinished"/> or with the exception that ended it.</summary>
    public ChannelReader<GenerationEvent> Events => _job.Events;

    /// <inheritdoc/>
    public void Dispose() => _job.Abandon();
}
