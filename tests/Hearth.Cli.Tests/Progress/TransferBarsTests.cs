using Hearth.Cli.Progress;
using Hearth.Store.References;
using Hearth.Store.Transfer;

namespace Hearth.Cli.Tests.Progress;

public sealed class TransferBarsTests : IDisposable
{
    private static readonly Digest s_layer = Digest.Of("layer"u8);
    private readonly TestTime _time = new();
    private readonly StringWriter _terminal = new() { NewLine = "\n" };

    public void Dispose() => _terminal.Dispose();

    [Fact]
    public void ALayer_IsABarThatIsDrawnAgain()
    {
        using (TransferBars bars = Create())
        {
            bars.Report(Layer(TransferStage.Transferring, 0));
            bars.Draw();
            _time.Now += TimeSpan.FromSeconds(2);
            bars.Report(Layer(TransferStage.Transferring, 100_000_000));
            bars.Draw();
            bars.Report(Layer(TransferStage.LayerDone, 200_000_000));
        }

        string name = s_layer.Abbreviated;
        Assert.Equal(
            "\e[?25l"
            + $"{name}    0%  ▕{new string(' ', 40)}▏  0 B/200.0 MB\e[K\n\e[J"
            + $"\e[1A\r{name}   50%  ▕{new string('█', 11)}{new string(' ', 12)}▏  100.0 MB/200.0 MB  50.0 MB/s  2s\e[K\n\e[J"
            + $"\e[1A\r{name}  Pulled  200.0 MB\e[K\n\e[J\e[?25h",
            _terminal.ToString());
    }

    [Fact]
    public void ALayerThatIsThere_IsALineThatStays()
    {
        using (TransferBars bars = Create())
        {
            bars.Report(Layer(TransferStage.LayerCached, 200_000_000));
            bars.Report(Layer(TransferStage.LayerCached, 200_000_000));
        }

        Assert.Equal($"\e[?25l{s_layer.Abbreviated}  Already here  200.0 MB\e[K\n\e[J\e[?25h", _terminal.ToString());
    }

    [Fact]
    public void WhatHasNoLayer_IsShownUntilSomethingElseIs()
    {
        using (TransferBars bars = Create())
        {
            bars.Report(new TransferProgress(TransferStage.Preparing, "Asking for the \e[31mmanifest", 0));
            bars.Draw();
        }

        Assert.Equal("\e[?25lAsking for the  [31mmanifest\e[K\n\e[J\e[1A\r\e[J\e[?25h", _terminal.ToString());
    }

    [Fact]
    public void ARetry_StaysAndIsNotCut()
    {
        string message = "Trying again in 2 s: " + new string('x', 100);
        using (TransferBars bars = Create())
        {
            bars.Report(Layer(TransferStage.Retrying, 0) with { Message = message });
        }

        Assert.Equal($"\e[?25l{message}\e[K\n\e[J\e[?25h", _terminal.ToString());
    }

    [Fact]
    public void ALayer_ThatReportsAfterItsEnd_IsNotDrawnAgain()
    {
        using (TransferBars bars = Create())
        {
            bars.Report(Layer(TransferStage.LayerDone, 200_000_000));
            bars.Draw();
            bars.Report(Layer(TransferStage.Transferring, 1));
            bars.Draw();
        }

        Assert.Equal($"\e[?25l{s_layer.Abbreviated}  Pulled  200.0 MB\e[K\n\e[J\e[J\e[J\e[?25h", _terminal.ToString());
    }

    [Theory]
    [InlineData(79, "0123456789ab   50%  ▕███████████            ▏  100.0 MB/200.0 MB  50.0 MB/s  2s")]
    [InlineData(60, "0123456789ab   50%  100.0 MB/200.0 MB  50.0 MB/s  2s")]
    [InlineData(50, "0123456789ab   50%  100.0 MB/200.0 MB  50.0 MB/s")]
    [InlineData(40, "0123456789ab   50%  100.0 MB/200.0 MB")]
    [InlineData(20, "0123456789ab   50%")]
    [InlineData(5, "01234")]
    public void ABar_LeavesOutWhatHasNoRoom(int columns, string expected)
    {
        LayerBar bar = new("0123456789ab", new TransferRate(_time));
        bar.Update(0, 200_000_000);
        _time.Now += TimeSpan.FromSeconds(2);
        bar.Update(100_000_000, 200_000_000);

        Assert.Equal(expected, bar.Render(columns));
    }

    [Theory]
    [InlineData(-5, 10)]
    [InlineData(20, 10)]
    [InlineData(0, 0)]
    [InlineData(5, -10)]
    public void ABar_TakesNumbersThatMakeNoSense(long done, long size)
    {
        LayerBar bar = new("layer", new TransferRate(_time));

        bar.Update(done, size);

        Assert.InRange(bar.Render(80).Length, 1, 80);
    }

    [Fact]
    public void ARate_IsOfTheLastSecondsAndNotOfWhatWasThere()
    {
        TransferRate rate = new(_time);
        rate.Add(1_000_000);
        Assert.Null(rate.PerSecond());
        for (int second = 1; second <= 20; second++)
        {
            _time.Now += TimeSpan.FromSeconds(1);
            rate.Add(1_000_000 + (second <= 10 ? 0 : (second - 10) * 500));
        }

        Assert.Equal(500, rate.PerSecond());
    }

    private TransferBars Create() => new(_terminal, () => 80, _time, TransferWords.Pull);

    private static TransferProgress Layer(TransferStage stage, long done) =>
        new(stage, "layer", 200_000_000) { Layer = s_layer, LayerSize = 200_000_000, LayerDone = done };
}
