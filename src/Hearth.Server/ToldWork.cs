using System.Threading.Channels;

namespace Hearth.Server;

/// <summary>Runs work for a request and hands on what the work tells meanwhile, one piece after the other.</summary>
internal static class ToldWork
{
    /// <summary>Runs work. It has ended when this returns, also when the client is gone or a piece cannot be handed on.</summary>
    /// <param name="work">The work, which is given whom to tell; from any thread.</param>
    /// <param name="takeAsync">Takes a piece of news.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <returns>What the work gives; what it throws is thrown when all news has been taken.</returns>
    public static async Task<T> RunAsync<TNews, T>(Func<Action<TNews>, CancellationToken, Task<T>> work, Func<TNews, Task> takeAsync, CancellationToken cancellationToken)
    {
        Channel<TNews> news = Channel.CreateUnbounded<TNews>(new UnboundedChannelOptions { SingleReader = true });
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task<T> running = Task.Run(() => work(piece => news.Writer.TryWrite(piece), stop.Token), stop.Token);
        _ = running.ContinueWith(_ => news.Writer.Complete(), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        try
        {
            await foreach (TNews piece in news.Reader.ReadAllAsync(CancellationToken.None))
            {
                await takeAsync(piece);
            }

            return await running;
        }
        finally
        {
            await stop.CancelAsync();
            await ((Task)running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
