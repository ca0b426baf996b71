using Hearth.Engine.Scheduling;
using Hearth.Server.Observability;

namespace Hearth.Server.Hosting;

/// <summary>
/// Decides what is in memory. Requests that want a model which is not there wait in order of arrival; for the first of them others have to go,
/// the least recently used first and those that nobody uses before all others. Whatever is to go takes no new requests: they queue behind, so
/// that nobody waits for ever. When a model has come, all who wait for it get it.
/// </summary>
internal sealed partial class ModelPool(ModelHostOptions options, TimeProvider time, PoolMetrics metrics) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly LinkedList<Waiter> _queue = [];
    private readonly HashSet<ModelInstance> _present = []; // loading, loaded and unloading
    private readonly HashSet<Task> _working = [];
    private readonly long _budget = options.MemoryBytes ?? ModelHostOptions.DefaultMemoryBytes;
    private bool _isDisposed;

    /// <summary>Bytes that loaded models may need together.</summary>
    public long BudgetBytes => _budget;

    /// <summary>Bytes that loaded models need together.</summary>
    public long UsedBytes
    {
        get
        {
            lock (_gate)
            {
                return Total(_present);
            }
        }
    }

    /// <summary>Requests that wait.</summary>
    public int WaitingRequests
    {
        get
        {
            lock (_gate)
            {
                return _queue.Count;
            }
        }
    }

    /// <summary>What is in memory, or on its way there or out of it, by models' names, with the bytes that it needs.</summary>
    public IReadOnlyList<(string Model, long Bytes)> Present
    {
        get
        {
            lock (_gate)
            {
                return [.. _present.GroupBy(instance => instance.Model).Select(model => (model.Key, Total(model)))];
            }
        }
    }

    /// <summary>What of a model is in memory, or on its way there; null for nothing.</summary>
    /// <param name="instance">The instance.</param>
    /// <param name="isBeside">Whether it is one that embeds beside a model that continues text.</param>
    public InstanceStatus? StatusOf(ModelInstance instance, bool isBeside = false)
    {
        lock (_gate)
        {
            return instance.State == InstanceState.Unloaded ? null
                : new InstanceStatus(instance.State, instance.Leases, instance.LastUsed, instance.KeepAlive, instance.ExpiresAt, instance.Estimate, instance.Value, isBeside);
        }
    }

    /// <summary>Waits until an instance is loaded, and keeps it so until the answer is called.</summary>
    /// <param name="instance">What to load.</param>
    /// <param name="keepAlive">How long it stays after this request; null for its own time.</param>
    /// <param name="cancellationToken">Ends the wait; a load that others wait for goes on.</param>
    /// <returns>The loaded model, and what to call when it is not used any more.</returns>
    /// <exception cref="ModelMemoryException">It can never fit.</exception>
    /// <exception cref="ModelBusyException">Others were busy for too long, or too many wait.</exception>
    /// <exception cref="ObjectDisposedException">The program is ending.</exception>
    public async Task<(IDisposable Value, Action Release)> AcquireAsync(ModelInstance instance, TimeSpan? keepAlive, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Waiter waiter = new(instance, keepAlive);
        lock (_gate)
        {
            ThrowIfDisposed();
            if (instance.CanBeLeased)
            {
                Grant(waiter);
                return waiter.Completion.Task.Result;
            }

            instance.IsMeasured &= instance.State is not InstanceState.Unloaded;
            if (instance.State == InstanceState.Unloaded && WhyNever(instance) is Exception reason)
            {
                throw reason;
            }

            if (_queue.Count >= options.MaxWaiting)
            {
                throw ModelBusyException.QueueFull(instance.Model, _queue.Count);
            }

            _queue.AddLast(waiter);
            Pump();
        }

        await using ITimer limit = time.CreateTimer(_ => GiveUp(waiter), null, options.MaxWait, Timeout.InfiniteTimeSpan);
        await using CancellationTokenRegistration cancellation = cancellationToken.Register(() => Leave(waiter, cancellationToken));
        return await waiter.Completion.Task;
    }

    /// <summary>Unloads what nobody uses, and the rest as soon as nobody uses it.</summary>
    /// <returns>For each instance that is loaded, a task that ends when it has gone.</returns>
    public IReadOnlyList<Task> Unload(IEnumerable<ModelInstance> instances)
    {
        lock (_gate)
        {
            List<Task> gone = [];
            foreach (ModelInstance instance in instances)
            {
                if (instance.State is InstanceState.Loading or InstanceState.Loaded)
                {
                    instance.UnloadsWhenIdle = true;
                    instance.Gone ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                    gone.Add(instance.Gone.Task);
                }
            }

            Pump();
            return gone;
        }
    }

    /// <summary>Ends every wait, waits for loads, and frees what is loaded, used or not.</summary>
    public void Dispose()
    {
        Task[] working;
        ModelInstance[] loaded;
        lock (_gate)
        {
            if (_isDisposed)
            {
                return;
            }

            _isDisposed = true;
            foreach (Waiter waiter in _queue)
            {
                waiter.Completion.TrySetException(Stopping());
            }

            _queue.Clear();
            working = [.. _working];
            loaded = [.. _present.Where(instance => instance.State == InstanceState.Loaded)];
        }

        Task.WaitAll(working);
        foreach (ModelInstance instance in loaded)
        {
            instance.Timer?.Dispose();
            instance.Value!.Dispose();
            metrics.Gone(instance.Value);
            instance.State = InstanceState.Unloaded;
        }

        _present.Clear();
    }

    /// <summary>Gives whoever waits what is there, and makes room for the first who wants what is not. Called after every change.</summary>
    private void Pump()
    {
        if (_isDisposed)
        {
            return;
        }

        ModelInstance[] retiring = [.. _present.Where(instance => instance.IsRetiring)];
        Array.ForEach(retiring, instance => instance.IsRetiring = false);
        foreach (ModelInstance instance in _present.Where(instance => instance is { IsIdle: true, UnloadsWhenIdle: true }).ToArray())
        {
            BeginUnload(instance, instance.Gone is null ? UnloadReason.Idle : UnloadReason.Asked);
        }

        List<ModelInstance>? plan = null; // what will be there once the first who cannot be served is
        for (LinkedListNode<Waiter>? node = _queue.First; node is not null;)
        {
            LinkedListNode<Waiter> current = node;
            node = node.Next;
            ModelInstance instance = current.Value.Instance;
            if (instance.CanBeLeased)
            {
                _queue.Remove(current);
                Grant(current.Value);
            }
            else if (instance.State == InstanceState.Unloaded && plan?.Contains(instance) != true)
            {
                if (WhyNever(instance) is Exception reason)
                {
                    Fail(instance, reason);
                    node = _queue.First;
                }
                else if (Fit([.. _present, instance]) && (plan is null || Fit([.. plan, instance])))
                {
                    BeginLoad(instance);
                    plan?.Add(instance);
                }
                else
                {
                    plan ??= MakeRoom(instance, retiring);
                }
            }
        }
    }

    private void Grant(Waiter waiter)
    {
        ModelInstance instance = waiter.Instance;
        instance.Leases++;
        instance.LastUsed = time.GetUtcNow();
        instance.KeepAlive = waiter.KeepAlive ?? instance.DefaultKeepAlive ?? options.KeepAlive;
        StopTimer(instance);
        waiter.Completion.TrySetResult((instance.Value!, () => Release(instance)));
    }

    private void Release(ModelInstance instance)
    {
        lock (_gate)
        {
            instance.Leases--;
            instance.LastUsed = time.GetUtcNow();
            if (_isDisposed)
            {
                return;
            }

            if (instance.Leases == 0)
            {
                StartTimer(instance);
            }

            Pump();
        }
    }

    private void GiveUp(Waiter waiter)
    {
        lock (_gate)
        {
            // What is being loaded comes soon, whether well or not.
            if (waiter.Instance.State != InstanceState.Loading && _queue.Remove(waiter))
            {
                MemoryUse use = new(Total(_present), _budget, options.MaxModels, [.. _present.Select(instance => instance.Model).Distinct()]);
                waiter.Completion.TrySetException(ModelBusyException.Waited(waiter.Instance.Model, waiter.Instance.Estimate, use, options.MaxWait));
                Pump();
            }
        }
    }

    private void Leave(Waiter waiter, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_queue.Remove(waiter))
            {
                waiter.Completion.TrySetCanceled(cancellationToken);
                Pump();
            }
        }
    }

    private void ThrowIfDisposed()
    {
        if (_isDisposed)
        {
            throw Stopping();
        }
    }

    private static ObjectDisposedException Stopping() => new(typeof(ServedModel).FullName);

    private sealed class Waiter(ModelInstance instance, TimeSpan? keepAlive)
    {
        public ModelInstance Instance => instance;

        public TimeSpan? KeepAlive => keepAlive;

        public TaskCompletionSource<(IDisposable Value, Action Release)> Completion { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}

/// <summary>An instance that is in memory, or on its way.</summary>
/// <param name="State">Where it is.</param>
/// <param name="Leases">Requests that use it.</param>
/// <param name="LastUsed">When it was used the last time.</param>
/// <param name="KeepAlive">How long it stays after that.</param>
/// <param name="ExpiresAt">When it goes; null while it is used, or for never.</param>
/// <param name="Estimate">The memory that it needs.</param>
/// <param name="Value">The loaded model.</param>
/// <param name="IsBeside">Whether it embeds beside a model that continues text.</param>
internal sealed record InstanceStatus(
    InstanceState State, int Leases, DateTimeOffset LastUsed, TimeSpan KeepAlive, DateTimeOffset? ExpiresAt, MemoryEstimate Estimate, IDisposable? Value, bool IsBeside);
