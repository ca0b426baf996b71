using System.Threading.Channels;

namespace Hearth.Engine.Scheduling;

/// <summary>A request on its way through the loop, and the channel that its events go to.</summary>
internal sealed class GenerationJob(GenerationRequest request, CancellationToken cancellationToken)
{
    public GenerationRequest Request => request;

    public CancellationToken CancellationToken => cancellationToken;

    public Channel<GenerationEvent> Events { get; } = Channel.CreateUnbounded<GenerationEvent>(new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });
}
