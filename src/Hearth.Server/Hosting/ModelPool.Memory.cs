using System.Diagnostics;
using Hearth.Server.Observability;

namespace Hearth.Server.Hosting;

/// <content>Loading, unloading, and the choice of what has to go.</content>
internal sealed partial class ModelPool
{
    private static long Total(IEnumerable<ModelInstance> instances)
    {
        // Instances of one model have the same file mapped.
        long total = 0;
        foreach (IGrouping<string, ModelInstance> model in instances.GroupBy(instance => instance.Model))
        {
            total += model.Max(instance => instance.Estimate.Weights) + model.Sum(instance => instance.Estimate.Own);
        }

        return total;
    }

    /// <summary>Whether an instance is there, or could be without another one having to go.</summary>
    public bool HasRoomFor(ModelInstance instance)
    {
        lock (_gate)
        {
            return instance.State != InstanceState.Unloaded || (WhyNever(instance) is null && Fit([.. _present, instance]));
        }
    }

    /// <summary>Why an instance cannot be loaded whatever goes for it; null when it can.</summary>
    private Exception? WhyNever(ModelInstance instance)
    {
        if (!instance.IsMeasured)
        {
            try
            {
                instance.Estimate = instance.Measure();
                instance.IsMeasured = true;
            }
#pragma warning disable CA1031 // A file that is not there any more, or is another: whoever waits for the model is told.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                return exception;
            }
        }

        return instance.Estimate.Total > _budget ? new ModelMemoryException(instance.Model, instance.Estimate, _budget) : null;
    }

    private bool Fit(IEnumerable<ModelInstance> instances)
    {
        ModelInstance[] all = [.. instances];
        return Total(all) <= _budget && (options.MaxModels is not int most || all.Select(instance => instance.Model).Distinct().Count() <= most);
    }

    /// <summary>Chooses what has to go for an instance. It takes no new requests, and goes when nobody uses any of it.</summary>
    /// <returns>What will be there then.</returns>
    private List<ModelInstance> MakeRoom(ModelInstance wanted, IReadOnlyCollection<ModelInstance> retiring)
    {
        List<ModelInstance> kept = [.. _present.Where(instance => instance.State != InstanceState.Unloading), wanted];
        List<ModelInstance> victims = [];
        IEnumerable<ModelInstance> candidates = _present
            .Where(instance => instance.State == InstanceState.Loaded)
            .OrderBy(instance => instance.Leases > 0)
            .ThenBy(instance => !retiring.Contains(instance))
            .ThenBy(instance => instance.Model == wanted.Model)
            .ThenBy(instance => instance.LastUsed);
        foreach (ModelInstance candidate in candidates)
        {
            if (Fit(kept))
            {
                break;
            }

            kept.Remove(candidate);
            victims.Add(candidate);
        }

        // A small one that went first may not have had to, once a large one goes too.
        foreach (ModelInstance victim in victims.ToArray())
        {
            if (Fit([.. kept, victim]))
            {
                kept.Add(victim);
                victims.Remove(victim);
            }
        }

        victims.ForEach(victim => victim.IsRetiring = true);
        if (victims.TrueForAll(victim => victim.IsIdle) && Fit(kept))
        {
            victims.ForEach(victim => BeginUnload(victim, UnloadReason.Evicted));
        }

        return kept;
    }

    private void BeginLoad(ModelInstance instance)
    {
        instance.State = InstanceState.Loading;
        _present.Add(instance);
        Work(() =>
        {
            try
            {
                long started = Stopwatch.GetTimestamp();
                IDisposable value = instance.Load();
                metrics.Loaded(instance.Model, value, Stopwatch.GetElapsedTime(started));
                lock (_gate)
                {
                    EndLoad(instance, value);
                }
            }
#pragma warning disable CA1031 // Whatever went wrong belongs to those who wait for the model.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                metrics.FailedToLoad(instance.Model);
                lock (_gate)
                {
                    FailLoad(instance, exception);
                }
            }
        });
    }

    private void EndLoad(ModelInstance instance, IDisposable value)
    {
        if (_isDisposed)
        {
            _present.Remove(instance);
            instance.State = InstanceState.Unloaded;
            value.Dispose();
            metrics.Gone(value);
            return;
        }

        instance.Value = value;
        instance.State = InstanceState.Loaded;
        instance.LastUsed = time.GetUtcNow();
        instance.KeepAlive = instance.DefaultKeepAlive ?? options.KeepAlive;
        foreach (Waiter waiter in _queue.Where(waiter => waiter.Instance == instance).ToArray())
        {
            _queue.Remove(waiter);
            Grant(waiter);
        }

        if (instance.Leases == 0)
        {
            StartTimer(instance);
        }

        Pump();
    }

    private void FailLoad(ModelInstance instance, Exception exception)
    {
        Leave(instance);
        Fail(instance, exception);
        Pump();
    }

    private void Fail(ModelInstance instance, Exception exception)
    {
        foreach (Waiter waiter in _queue.Where(waiter => waiter.Instance == instance).ToArray())
        {
            _queue.Remove(waiter);
            waiter.Completion.TrySetException(exception);
        }
    }

    private void BeginUnload(ModelInstance instance, UnloadReason reason)
    {
        metrics.Unloading(instance.Model, reason);
        IDisposable value = instance.Value!;
        instance.State = InstanceState.Unloading;
        instance.Value = null;
        StopTimer(instance);
        Work(() =>
        {
            try
            {
                value.Dispose();
            }
            finally
            {
                metrics.Gone(value);
                lock (_gate)
                {
                    Leave(instance);
                    Pump();
                }
            }
        });
    }

    private void Leave(ModelInstance instance)
    {
        instance.State = InstanceState.Unloaded;
        instance.IsRetiring = instance.UnloadsWhenIdle = instance.IsMeasured = false;
        _present.Remove(instance);
        instance.Gone?.TrySetResult();
        instance.Gone = null;
    }

    private void Work(Action work)
    {
        Task task = new(work, TaskCreationOptions.LongRunning);
        _working.Add(task);
        task.ContinueWith(
            done =>
            {
                lock (_gate)
                {
                    _working.Remove(done);
                }
            },
            CancellationToken.None,
            TaskContinuationOptions.None,
            TaskScheduler.Default);
        task.Start(TaskScheduler.Default);
    }

    private void StartTimer(ModelInstance instance)
    {
        if (instance.KeepAlive == KeepAlive.Forever)
        {
            return;
        }

        if (instance.KeepAlive == TimeSpan.Zero)
        {
            instance.UnloadsWhenIdle = true;
            return;
        }

        instance.ExpiresAt = time.GetUtcNow() + instance.KeepAlive;
        instance.Timer ??= time.CreateTimer(_ => Expire(instance), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        instance.Timer.Change(instance.KeepAlive, Timeout.InfiniteTimeSpan);
    }

    private static void StopTimer(ModelInstance instance)
    {
        instance.ExpiresAt = null;
        instance.Timer?.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    private void Expire(ModelInstance instance)
    {
        lock (_gate)
        {
            if (!_isDisposed && instance is { IsIdle: true, ExpiresAt: DateTimeOffset expiry } && expiry <= time.GetUtcNow())
            {
                instance.UnloadsWhenIdle = true;
                Pump();
            }
        }
    }
}
