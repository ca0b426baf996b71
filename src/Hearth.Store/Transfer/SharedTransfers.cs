using Hearth.Store.Registries;

namespace Hearth.Store.Transfer;

/// <summary>Transfers of the same content in one process are one: the first begins it, others join, and it ends when the last has left.</summary>
internal static class SharedTransfers
{
    private static readonly Dictionary<string, Running> s_running = new(StringComparer.Ordinal);

    /// <summary>Joins a transfer, or begins it.</summary>
    /// <param name="key">What is transferred to where.</param>
    /// <param name="begin">Begins it. It is told whom to report to, and ends when it is cancelled.</param>
    /// <param name="report">Is told of its progress.</param>
    /// <param name="cancellationToken">Leaves it.</param>
    /// <returns>What it gives.</returns>
    public static async Task<long> RunAsync(string key, Func<Action<BlobProgress>, CancellationToken, Task<long>> begin, Action<BlobProgress> report, CancellationToken cancellationToken)
    {
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            bool isOurs = false;
            Running? running;
            lock (s_running)
            {
                if (!s_running.TryGetValue(key, out running))
                {
                    isOurs = true;
                    s_running[key] = running = new Running();
                }

                running.Join(report);
            }

            if (isOurs)
            {
                running.Begin(key, begin);
            }

            try
            {
                long? result = await running.WaitAsync(report, cancellationToken);
                if (result is not null)
                {
                    return result.Value;
                }
            }
            catch (RegistryException exception) when (!isOurs && exception.Kind == RegistryErrorKind.Unauthorized)
            {
                // Whoever began it may have other credentials than we have: try with ours.
            }
        }
    }

    private sealed class Running
    {
        private readonly TaskCompletionSource _abandoned = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource<long> _result = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly List<Action<BlobProgress>> _reports = [];

        public void Join(Action<BlobProgress> report)
        {
            lock (_reports)
            {
                _reports.Add(report);
            }
        }

        public void Begin(string key, Func<Action<BlobProgress>, CancellationToken, Task<long>> begin) => _ = RunAsync(key, begin);

        /// <summary>Waits for the result; null when the transfer was cancelled because all others had left before.</summary>
        public async Task<long?> WaitAsync(Action<BlobProgress> report, CancellationToken cancellationToken)
        {
            try
            {
                return await _result.Task.WaitAsync(cancellationToken);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                return null;
            }
            finally
            {
                await LeaveAsync(report);
            }
        }

        private async Task LeaveAsync(Action<BlobProgress> report)
        {
            bool isLast;
            lock (_reports)
            {
                _reports.Remove(report);
                isLast = _reports.Count == 0;
            }

            if (isLast && !_result.Task.IsCompleted)
            {
                _abandoned.TrySetResult();
                await ((Task)_result.Task).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }

        private async Task RunAsync(string key, Func<Action<BlobProgress>, CancellationToken, Task<long>> begin)
        {
            Exception? failure = null;
            long result = 0;
            try
            {
                using CancellationTokenSource cancel = new();
                Task<long> work = Task.Run(() => begin(Report, cancel.Token), CancellationToken.None);
                if (await Task.WhenAny(work, _abandoned.Task) != work)
                {
                    await cancel.CancelAsync();
                }

                result = await work;
            }
            catch (Exception exception)
            {
                failure = exception;
            }

            lock (s_running)
            {
                s_running.Remove(key);
            }

            _ = failure switch
            {
                null => _result.TrySetResult(result),
                OperationCanceledException => _result.TrySetCanceled(CancellationToken.None),
                _ => _result.TrySetException(failure),
            };
        }

        private void Report(BlobProgress progress)
        {
            lock (_reports)
            {
                foreach (Action<BlobProgress> report in _reports)
                {
                    report(progress);
                }
            }
        }
    }
}
