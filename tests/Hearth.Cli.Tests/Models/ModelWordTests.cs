using Hearth.Cli.Models;

namespace Hearth.Cli.Tests.Models;

public sealed class ModelWordTests
{
    [Theory]
    [InlineData("guide", ModelWordKind.BuiltIn)]
    [InlineData("smollm2", ModelWordKind.Name)]
    [InlineData("ai/smollm2:360M-Q4_K_M", ModelWordKind.Name)]
    [InlineData("registry:5000/team/model", ModelWordKind.Name)]
    [InlineData("hf.co/Owner/Repo:model-Q4_K_M.gguf", ModelWordKind.Name)]
    [InlineData("https://huggingface.co/Owner/Repo/blob/main/model.gguf", ModelWordKind.Name)]
    [InlineData("sha256:0000000000000000000000000000000000000000000000000000000000000000", ModelWordKind.Name)]
    [InlineData("model.gguf", ModelWordKind.Path)]
    [InlineData("Model.GGUF", ModelWordKind.Path)]
    [InlineData("folder/model.gguf", ModelWordKind.Path)]
    [InlineData("./smollm2", ModelWordKind.Path)]
    [InlineData("../smollm2", ModelWordKind.Path)]
    [InlineData("/models/smollm2", ModelWordKind.Path)]
    [InlineData("~/smollm2", ModelWordKind.Path)]
    [InlineData(@"C:\models\smollm2", ModelWordKind.Path)]
    [InlineData(@"models\smollm2", ModelWordKind.Path)]
    internal void KindOf_TellsPathsFromNames(string word, ModelWordKind expected) => Assert.Equal(expected, ModelWord.KindOf(word));

    [Fact]
    public void KindOf_AFileThatIsThere_IsAPath()
    {
        string file = Path.GetTempFileName();
        try
        {
            Assert.Equal(ModelWordKind.Path, ModelWord.KindOf(file));
        }
        finally
        {
            File.Delete(file);
        }
    }
}
