using Hearth.Engine.Models;
using Hearth.Engine.Scheduling;
using Hearth.Engine.Tests.Models.Synthesis;

namespace Hearth.Engine.Tests.Scheduling;

public sealed class DiffusionModelTests
{
    [Fact]
    public void ModelThatSeesBothWays_IsNotAskedToContinueText()
    {
        string path = Path.GetTempFileName();
        try
        {
            ModelSynthesizer.Write(ModelCases.All.First(model => model.Architecture == "dream"), path);

            ModelException exception = Assert.Throws<ModelException>(() => LanguageModel.Load(path));

            Assert.Contains("dream", exception.Message, StringComparison.Ordinal);
            Assert.Contains("diffusion", exception.Message, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(path);
        }
    }
}
