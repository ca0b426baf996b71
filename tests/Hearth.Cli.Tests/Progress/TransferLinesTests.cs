using Hearth.Cli.Progress;
using Hearth.Store.References;
using Hearth.Store.Transfer;

namespace Hearth.Cli.Tests.Progress;

public sealed class TransferLinesTests
{
    [Fact]
    public void ATransfer_IsALineWhereSomethingBeginsOrEnds()
    {
        Digest first = Digest.Of("first"u8), second = Digest.Of("second"u8);
        StringWriter output = new() { NewLine = "\n" };
        using (TransferLines lines = new(output, TransferWords.Push))
        {
            lines.Report(new TransferProgress(TransferStage.Preparing, "Asking for the manifest", 0));
            lines.Report(new TransferProgress(TransferStage.Preparing, "Asking for the manifest", 0));
            for (long done = 500; done <= 2000; done += 500)
            {
                lines.Report(Layer(first, TransferStage.Transferring, done));
            }

            lines.Report(Layer(second, TransferStage.LayerCached, 2000));
            lines.Report(Layer(first, TransferStage.Retrying, 2000) with { Message = "Trying again\nin 1 s" });
            lines.Report(Layer(first, TransferStage.LayerDone, 2000));
            lines.Report(new TransferProgress(TransferStage.Finishing, "Naming the model", 4000));
        }

        Assert.Equal(
            $"""
            Asking for the manifest
            Pushing {first.Abbreviated} (2.0 kB)
            Already there: {second.Abbreviated} (2.0 kB)
            Trying again in 1 s
            Pushed {first.Abbreviated} (2.0 kB)
            Naming the model

            """,
            output.ToString());
    }

    private static TransferProgress Layer(Digest digest, TransferStage stage, long done) =>
        new(stage, "layer", 4000) { Layer = digest, LayerSize = 2000, LayerDone = done };
}
