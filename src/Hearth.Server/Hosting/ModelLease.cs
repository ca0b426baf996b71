namespace Hearth.Server.Hosting;

/// <summary>A loaded model that stays loaded until this is disposed.</summary>
/// <typeparam name="T">The kind of model.</typeparam>
public sealed class ModelLease<T> : IDisposable
    where T : class
{
    private readonly T _model;
    private Action? _release;

    internal ModelLease(ServedModel served, T model, Action release)
    {
        Served = served;
        _model = model;
        _release = release;
    }

    /// <summary>What is known of the model.</summary>
    public ServedModel Served { get; }

    /// <summary>The model.</summary>
    /// <exception cref="ObjectDisposedException">The lease was given back.</exception>
    public T Model
    {
        get
        {
            ObjectDisposedException.ThrowIf(_release is null, this);
            return _model;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Interlocked.Exchange(ref _release, null)?.Invoke();
}
