using Hearth.Engine.Scheduling;

namespace Hearth.Engine.Tests.Scheduling;

/// <summary>Holds the scheduler up before each step until a test lets it pass.</summary>
internal sealed class StepGate : IDisposable
{
    private static readonly CancellationToken s_cancel = TestContext.Current.CancellationToken;
    private readonly SemaphoreSlim _reached = new(0);
    private readonly SemaphoreSlim _passes = new(0);
    private volatile bool _open;

    public StepGate(LanguageModel model) => model.Scheduler.BeforeStep = _ =>
    {
        if (!_open)
        {
            _reached.Release();
            _passes.Wait(s_cancel);
        }
    };

    /// <summary>Waits until a step is held up.</summary>
    public Task ReachedAsync() => _reached.WaitAsync(s_cancel);

    /// <summary>Lets the step that is held up pass, and more, and waits until the next one is held up.</summary>
    public async Task PassAsync(int steps)
    {
        for (int step = 0; step < steps; step++)
        {
            _passes.Release();
            await _reached.WaitAsync(s_cancel);
        }
    }

    public void Open()
    {
        _open = true;
        _passes.Release(1000);
    }

    public void Dispose()
    {
        _reached.Dispose();
        _passes.Dispose();
    }
}
