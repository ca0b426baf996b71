using Hearth.Store.Transfer;

namespace Hearth.Server.Ui.Models;

/// <summary>How far a pull is on its way.</summary>
public enum PullState
{
    /// <summary>It runs.</summary>
    Running,

    /// <summary>The model is there.</summary>
    Done,

    /// <summary>Something went wrong; what has come is kept.</summary>
    Failed,

    /// <summary>It was stopped; what has come is kept.</summary>
    Stopped,
}

/// <summary>A model that is pulled.</summary>
/// <param name="name">Its name, as it was asked for.</param>
/// <param name="isInsecure">Whether the registry may be spoken to without encryption.</param>
/// <param name="time">The clock.</param>
public sealed class PullJob(string name, bool isInsecure, TimeProvider time) : IProgress<TransferProgress>
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, long> _layers = new(StringComparer.Ordinal);
    private readonly long _started = time.GetTimestamp();
    private long _before = -1;

    /// <summary>Its name, as it was asked for.</summary>
    public string Name => name;

    /// <summary>Whether the registry may be spoken to without encryption.</summary>
    public bool IsInsecure => isInsecure;

    /// <summary>How far it is.</summary>
    public PullState State { get; internal set; } = PullState.Running;

    /// <summary>What is happening, or went wrong.</summary>
    public string Message { get; internal set; } = "Asking the registry";

    /// <summary>Bytes of the model; 0 while that is not known.</summary>
    public long Total { get; private set; }

    /// <summary>Bytes that are there.</summary>
    public long Done { get; private set; }

    /// <summary>Bytes in a second, since it was begun.</summary>
    public double Rate { get; private set; }

    internal CancellationTokenSource Stop { get; } = new();

    /// <inheritdoc/>
    public void Report(TransferProgress value)
    {
        ArgumentNullException.ThrowIfNull(value);
        lock (_gate)
        {
            Total = Math.Max(Total, value.Total);
            if ((value.Layer?.ToString() ?? value.LayerName) is string layer)
            {
                _layers[layer] = value.Stage is TransferStage.LayerDone or TransferStage.LayerCached ? Math.Max(value.LayerSize, value.LayerDone) : value.LayerDone;
                Done = _layers.Values.Sum();
                Total = Math.Max(Total, Done);
                _before = _before < 0 ? Done : _before;
                double seconds = time.GetElapsedTime(_started).TotalSeconds;
                Rate = seconds > 0.5 ? (Done - _before) / seconds : 0;
            }

            if (value.Stage is not TransferStage.Transferring)
            {
                Message = value.Message;
            }
        }
    }
}
