using System.Diagnostics;
using System.Threading.Channels;

namespace Hearth.Engine.Scheduling;

/// <summary>A request on its way through the scheduler, and the channel that its events go to.</summary>
internal sealed class GenerationJob(GenerationRequest request, CancellationToken cancellationToken)
{
    private readonly Channel<GenerationEvent> _events =
        Channel.CreateUnbounded<GenerationEvent>(new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });

    private volatile bool _abandoned;

    public GenerationRequest Request => request;

    public ChannelReader<GenerationEvent> Events => _events.Reader;

    public ChannelWriter<GenerationEvent> Writer => _events.Writer;

    /// <summary>When the request came (<see cref="Stopwatch"/>).</summary>
    public long Submitted { get; } = Stopwatch.GetTimestamp();

    /// <summary>Whether nobody waits for the answer any more.</summary>
    public bool IsCancelled => _abandoned || cancellationToken.IsCancellationRequested;

    /// <summary>Whether the request's time is over.</summary>
    public bool IsLate => request.TimeLimit is TimeSpan limit && Stopwatch.GetElapsedTime(Submitted) > limit;

    /// <summary>Tells the scheduler that nobody reads the events any more.</summary>
    public void Abandon() => _abandoned = true;

    /// <summary>Ends the events with what ended the request early, if something did.</summary>
    /// <returns>Whether the request is over.</returns>
    public bool EndIfOver()
    {
        if (IsCancelled)
        {
            Writer.TryComplete(new OperationCanceledException(cancellationToken));
            return true;
        }

        if (IsLate)
        {
            Writer.TryComplete(new TimeLimitException(request.TimeLimit!.Value));
            return true;
        }

        return false;
    }
}
