using Hearth.Store.Manifests;
using Hearth.Store.References;
using Hearth.Store.Registries;
using Hearth.Store.Registries.HuggingFace;

namespace Hearth.Store.Tests.HuggingFace;

public sealed class HubSelectionTests
{
    // Files of real repositories, as they were once listed; what does not matter here is left out.
    private const string Bartowski =
        ".gitattributes README.md Llama-3.2-1B-Instruct-IQ3_M.gguf Llama-3.2-1B-Instruct-IQ4_XS.gguf Llama-3.2-1B-Instruct-Q3_K_L.gguf "
        + "Llama-3.2-1B-Instruct-Q3_K_XL.gguf Llama-3.2-1B-Instruct-Q4_0.gguf Llama-3.2-1B-Instruct-Q4_0_4_4.gguf Llama-3.2-1B-Instruct-Q4_0_4_8.gguf "
        + "Llama-3.2-1B-Instruct-Q4_0_8_8.gguf Llama-3.2-1B-Instruct-Q4_K_L.gguf Llama-3.2-1B-Instruct-Q4_K_M.gguf Llama-3.2-1B-Instruct-Q4_K_S.gguf "
        + "Llama-3.2-1B-Instruct-Q6_K.gguf Llama-3.2-1B-Instruct-Q6_K_L.gguf Llama-3.2-1B-Instruct-Q8_0.gguf Llama-3.2-1B-Instruct-f16.gguf Llama-3.2-1B-Instruct.imatrix";

    private const string BartowskiVision =
        "README.md google_gemma-3-27b-it-IQ2_M.gguf google_gemma-3-27b-it-Q4_K_M.gguf google_gemma-3-27b-it-Q8_0.gguf google_gemma-3-27b-it-imatrix.gguf "
        + "google_gemma-3-27b-it-bf16/google_gemma-3-27b-it-bf16-00001-of-00002.gguf google_gemma-3-27b-it-bf16/google_gemma-3-27b-it-bf16-00002-of-00002.gguf "
        + "mmproj-google_gemma-3-27b-it-bf16.gguf mmproj-google_gemma-3-27b-it-f16.gguf mmproj-google_gemma-3-27b-it-f32.gguf";

    private const string UnslothLarge =
        "README.md config.json imatrix_unsloth.dat imatrix_unsloth.gguf_file "
        + "BF16/Qwen3-235B-A22B-BF16-00001-of-00003.gguf BF16/Qwen3-235B-A22B-BF16-00002-of-00003.gguf BF16/Qwen3-235B-A22B-BF16-00003-of-00003.gguf "
        + "Q4_K_M/Qwen3-235B-A22B-Q4_K_M-00001-of-00003.gguf Q4_K_M/Qwen3-235B-A22B-Q4_K_M-00003-of-00003.gguf Q4_K_M/Qwen3-235B-A22B-Q4_K_M-00002-of-00003.gguf "
        + "UD-Q2_K_XL/Qwen3-235B-A22B-UD-Q2_K_XL-00001-of-00002.gguf UD-Q2_K_XL/Qwen3-235B-A22B-UD-Q2_K_XL-00002-of-00002.gguf "
        + "UD-Q4_K_XL/Qwen3-235B-A22B-UD-Q4_K_XL-00001-of-00002.gguf UD-Q4_K_XL/Qwen3-235B-A22B-UD-Q4_K_XL-00002-of-00002.gguf Qwen3-235B-A22B-UD-TQ1_0.gguf";

    private const string UnslothSmall =
        "README.md gemma-3-4b-it-BF16.gguf gemma-3-4b-it-IQ4_NL.gguf gemma-3-4b-it-Q2_K.gguf gemma-3-4b-it-Q2_K_L.gguf gemma-3-4b-it-Q4_0.gguf gemma-3-4b-it-Q4_1.gguf "
        + "gemma-3-4b-it-Q4_K_M.gguf gemma-3-4b-it-UD-IQ1_S.gguf gemma-3-4b-it-UD-Q2_K_XL.gguf gemma-3-4b-it-UD-Q4_K_XL.gguf mmproj-BF16.gguf mmproj-F16.gguf mmproj-F32.gguf";

    private const string GgmlOrgVision =
        ".gitattributes README.md SmolVLM-500M-Instruct-Q8_0.gguf SmolVLM-500M-Instruct-f16.gguf mmproj-SmolVLM-500M-Instruct-Q8_0.gguf mmproj-SmolVLM-500M-Instruct-f16.gguf";

    private const string TheBloke =
        "LICENSE.txt Notice README.md config.json llama-2-7b-chat.Q2_K.gguf llama-2-7b-chat.Q3_K_L.gguf llama-2-7b-chat.Q4_0.gguf llama-2-7b-chat.Q4_K_M.gguf "
        + "llama-2-7b-chat.Q4_K_S.gguf llama-2-7b-chat.Q5_0.gguf llama-2-7b-chat.Q6_K.gguf llama-2-7b-chat.Q8_0.gguf";

    private const string Mradermacher = "README.md imatrix.dat Qwen2.5-7B.i1-IQ1_M.gguf Qwen2.5-7B.i1-Q4_K_M.gguf Qwen2.5-7B.i1-Q4_K_S.gguf Qwen2.5-7B.i1-Q6_K.gguf";
    private const string MicrosoftPhi = "LICENSE Phi-3-mini-4k-instruct-fp16.gguf Phi-3-mini-4k-instruct-q4.gguf README.md";
    private const string QwenOfficial =
        "LICENSE qwen2.5-7b-instruct-fp16-00001-of-00004.gguf qwen2.5-7b-instruct-fp16-00002-of-00004.gguf qwen2.5-7b-instruct-fp16-00003-of-00004.gguf "
        + "qwen2.5-7b-instruct-fp16-00004-of-00004.gguf qwen2.5-7b-instruct-q2_k.gguf qwen2.5-7b-instruct-q3_k_m.gguf qwen2.5-7b-instruct-q4_0-00001-of-00002.gguf "
        + "qwen2.5-7b-instruct-q4_0-00002-of-00002.gguf qwen2.5-7b-instruct-q4_k_m-00001-of-00002.gguf qwen2.5-7b-instruct-q4_k_m-00002-of-00002.gguf";

    private const string GgmlOrgGptOss = "README.md gpt-oss-20b-mxfp4.gguf";
    private const string NoctrexMoe = "README.md Qwen3-30B-A3B-MXFP4_MOE.gguf Qwen3-30B-A3B-BF16.gguf";
    private const string BitNet = "README.md ggml-model-i2_s.gguf";
    private const string DavidAu = "L3-8B-D_AU-Q4_k_m.gguf L3-8B-D_AU-Q4_k_s.gguf L3-8B-D_AU-IQ3_M-imat13.gguf";
    private const string Folders = "Q4_K_M/model.gguf Q8_0/model.gguf";
    private const string TwoModels = "model-7b-Q4_K_M.gguf model-13b-Q4_K_M.gguf model-7b-Q8_0.gguf";
    private const string PartsAndWhole = "m-Q8_0.gguf m-Q8_0-00001-of-00002.gguf m-Q8_0-00002-of-00002.gguf";

    [Theory]
    [InlineData(Bartowski, null, "Llama-3.2-1B-Instruct-Q4_K_M.gguf")]
    [InlineData(Bartowski, "Q4_K_M", "Llama-3.2-1B-Instruct-Q4_K_M.gguf")]
    [InlineData(Bartowski, "q4_k_m", "Llama-3.2-1B-Instruct-Q4_K_M.gguf")]
    [InlineData(Bartowski, "Q4_K_L", "Llama-3.2-1B-Instruct-Q4_K_L.gguf")]
    [InlineData(Bartowski, "Q6_K", "Llama-3.2-1B-Instruct-Q6_K.gguf")]
    [InlineData(Bartowski, "Q4_0", "Llama-3.2-1B-Instruct-Q4_0.gguf")]
    [InlineData(Bartowski, "Q4_0_4_8", "Llama-3.2-1B-Instruct-Q4_0_4_8.gguf")]
    [InlineData(Bartowski, "F16", "Llama-3.2-1B-Instruct-f16.gguf")]
    [InlineData(Bartowski, "fp16", "Llama-3.2-1B-Instruct-f16.gguf")]
    [InlineData(Bartowski, "Llama-3.2-1B-Instruct-IQ3_M.gguf", "Llama-3.2-1B-Instruct-IQ3_M.gguf")]
    [InlineData(Bartowski, "llama-3.2-1b-instruct-iq3_m", "Llama-3.2-1B-Instruct-IQ3_M.gguf")]
    [InlineData(BartowskiVision, null, "google_gemma-3-27b-it-Q4_K_M.gguf mmproj-google_gemma-3-27b-it-f16.gguf")]
    [InlineData(BartowskiVision, "bf16", "google_gemma-3-27b-it-bf16/google_gemma-3-27b-it-bf16-00001-of-00002.gguf google_gemma-3-27b-it-bf16/google_gemma-3-27b-it-bf16-00002-of-00002.gguf mmproj-google_gemma-3-27b-it-f16.gguf")]
    [InlineData(UnslothLarge, null, "Q4_K_M/Qwen3-235B-A22B-Q4_K_M-00001-of-00003.gguf Q4_K_M/Qwen3-235B-A22B-Q4_K_M-00002-of-00003.gguf Q4_K_M/Qwen3-235B-A22B-Q4_K_M-00003-of-00003.gguf")]
    [InlineData(UnslothLarge, "UD-Q4_K_XL", "UD-Q4_K_XL/Qwen3-235B-A22B-UD-Q4_K_XL-00001-of-00002.gguf UD-Q4_K_XL/Qwen3-235B-A22B-UD-Q4_K_XL-00002-of-00002.gguf")]
    [InlineData(UnslothLarge, "Q2_K_XL", "UD-Q2_K_XL/Qwen3-235B-A22B-UD-Q2_K_XL-00001-of-00002.gguf UD-Q2_K_XL/Qwen3-235B-A22B-UD-Q2_K_XL-00002-of-00002.gguf")]
    [InlineData(UnslothLarge, "TQ1_0", "Qwen3-235B-A22B-UD-TQ1_0.gguf")]
    [InlineData(UnslothLarge, "Qwen3-235B-A22B-UD-Q2_K_XL-00001-of-00002.gguf", "UD-Q2_K_XL/Qwen3-235B-A22B-UD-Q2_K_XL-00001-of-00002.gguf UD-Q2_K_XL/Qwen3-235B-A22B-UD-Q2_K_XL-00002-of-00002.gguf")]
    [InlineData(UnslothSmall, null, "gemma-3-4b-it-Q4_K_M.gguf mmproj-F16.gguf")]
    [InlineData(UnslothSmall, "Q2_K", "gemma-3-4b-it-Q2_K.gguf mmproj-F16.gguf")]
    [InlineData(UnslothSmall, "IQ1_S", "gemma-3-4b-it-UD-IQ1_S.gguf mmproj-F16.gguf")]
    [InlineData(UnslothSmall, "bf16", "gemma-3-4b-it-BF16.gguf mmproj-F16.gguf")]
    [InlineData(GgmlOrgVision, null, "SmolVLM-500M-Instruct-Q8_0.gguf mmproj-SmolVLM-500M-Instruct-f16.gguf")]
    [InlineData(GgmlOrgVision, "f16", "SmolVLM-500M-Instruct-f16.gguf mmproj-SmolVLM-500M-Instruct-f16.gguf")]
    [InlineData(TheBloke, null, "llama-2-7b-chat.Q4_K_M.gguf LICENSE.txt")]
    [InlineData(TheBloke, "Q5_0", "llama-2-7b-chat.Q5_0.gguf LICENSE.txt")]
    [InlineData(Mradermacher, null, "Qwen2.5-7B.i1-Q4_K_M.gguf")]
    [InlineData(Mradermacher, "i1-Q6_K", "Qwen2.5-7B.i1-Q6_K.gguf")]
    [InlineData(MicrosoftPhi, null, "Phi-3-mini-4k-instruct-q4.gguf LICENSE")]
    [InlineData(MicrosoftPhi, "F16", "Phi-3-mini-4k-instruct-fp16.gguf LICENSE")]
    [InlineData(QwenOfficial, null, "qwen2.5-7b-instruct-q4_k_m-00001-of-00002.gguf qwen2.5-7b-instruct-q4_k_m-00002-of-00002.gguf LICENSE")]
    [InlineData(QwenOfficial, "Q2_K", "qwen2.5-7b-instruct-q2_k.gguf LICENSE")]
    [InlineData(GgmlOrgGptOss, null, "gpt-oss-20b-mxfp4.gguf")]
    [InlineData(GgmlOrgGptOss, "MXFP4", "gpt-oss-20b-mxfp4.gguf")]
    [InlineData(NoctrexMoe, null, "Qwen3-30B-A3B-MXFP4_MOE.gguf")]
    [InlineData(BitNet, null, "ggml-model-i2_s.gguf")]
    [InlineData(DavidAu, null, "L3-8B-D_AU-Q4_k_m.gguf")]
    [InlineData(DavidAu, "IQ3_M", "L3-8B-D_AU-IQ3_M-imat13.gguf")]
    [InlineData(DavidAu, "imat13", "L3-8B-D_AU-IQ3_M-imat13.gguf")]
    [InlineData(Folders, null, "Q4_K_M/model.gguf")]
    [InlineData(Folders, "q8_0", "Q8_0/model.gguf")]
    [InlineData(TwoModels, "model-13b-Q4_K_M.gguf", "model-13b-Q4_K_M.gguf")]
    [InlineData(TwoModels, "13b-Q4_K_M", "model-13b-Q4_K_M.gguf")]
    [InlineData(TwoModels, "Q8_0", "model-7b-Q8_0.gguf")]
    [InlineData(PartsAndWhole, "Q8_0", "m-Q8_0.gguf")]
    [InlineData("only-one.gguf", null, "only-one.gguf")]
    [InlineData("a/chat_template.jinja chat_template.jinja other.jinja m.gguf LICENSE.pdf", null, "m.gguf chat_template.jinja")]
    [InlineData("template.jinja m.gguf", null, "m.gguf template.jinja")]
    [InlineData("a.jinja b.jinja m.gguf", null, "m.gguf")]
    [InlineData("Q4_0/m.gguf Q4_0/mmproj-F32.gguf mmproj-F16.gguf", null, "Q4_0/m.gguf Q4_0/mmproj-F32.gguf")]
    [InlineData("m.GGUF MMPROJ-Q8_0.GGUF mmproj-bf16.gguf", null, "m.GGUF mmproj-bf16.gguf")]
    public void Tag_ChoosesFiles(string listing, string? tag, string expected) =>
        Assert.Equal(expected, string.Join(' ', HubSelection.Choose(Files(listing), tag, "owner/repo").Files.Select(file => file.Path)));

    [Theory]
    [InlineData(Bartowski, "Q4_K")]
    [InlineData(Bartowski, "Q4")]
    [InlineData(Bartowski, "K_M")]
    [InlineData(Bartowski, "Q3_K_M")]
    [InlineData(Bartowski, "Q5_K_M")]
    [InlineData(BartowskiVision, "google_gemma-3-27b-it-imatrix.gguf")]
    [InlineData(BartowskiVision, "mmproj-google_gemma-3-27b-it-f16.gguf")]
    [InlineData(BartowskiVision, "f16")]
    [InlineData("x-Q4_K_M_L.gguf", "Q4_K_M")]
    [InlineData("x-Q4_K_M.gguf", "Q4_K_M_L")]
    [InlineData("x-IQ4_XS.gguf", "Q4_XS")]
    public void AbsentTag_IsAnErrorThatListsWhatThereIs(string listing, string tag)
    {
        RegistryException exception = Assert.Throws<RegistryException>(() => HubSelection.Choose(Files(listing), tag, "owner/repo"));
        Assert.Equal(RegistryErrorKind.NotFound, exception.Kind);
        Assert.Contains($"'owner/repo' has no '{tag}'", exception.Message, StringComparison.Ordinal);
        Assert.Contains(GgufVariant.FindAll(Files(listing))[0].Quantization!, exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("mmproj-", exception.Message.Replace(tag, string.Empty, StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(TwoModels, null, "model-13b-Q4_K_M.gguf, model-7b-Q4_K_M.gguf")]
    [InlineData(TwoModels, "Q4_K_M", "model-13b-Q4_K_M.gguf, model-7b-Q4_K_M.gguf")]
    [InlineData("a/m-Q4_0.gguf b/m-Q4_0.gguf", "Q4_0", "a, b")]
    public void SeveralModelsForATag_AreNamedToChooseFrom(string listing, string? tag, string names)
    {
        RegistryException exception = Assert.Throws<RegistryException>(() => HubSelection.Choose(Files(listing), tag, "owner/repo"));
        Assert.EndsWith($"use one of these as the tag: {names}.", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void SameContentTwice_IsOneModel()
    {
        Digest digest = Digest.Of("weights"u8);
        HubSelection selection = HubSelection.Choose([new HubFile("m-Q4_0.gguf", 7, digest), new HubFile("Q4_0/m-Q4_0.gguf", 7, digest)], "Q4_0", "owner/repo");
        Assert.Single(selection.Weights);
    }

    [Fact]
    public void UnusualQuantizationsOnly_AreListed()
    {
        RegistryException exception = Assert.Throws<RegistryException>(() => HubSelection.Choose(Files("m-Q2_K.gguf m-IQ1_S.gguf"), null, "owner/repo"));
        Assert.Contains("IQ1_S, Q2_K", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void MissingPart_IsAnErrorThatNamesIt()
    {
        RegistryException exception = Assert.Throws<RegistryException>(
            () => HubSelection.Choose(Files("m-Q4_0-00001-of-00004.gguf m-Q4_0-00003-of-00004.gguf m-Q8_0.gguf"), "Q4_0", "owner/repo"));
        Assert.Equal(RegistryErrorKind.Invalid, exception.Kind);
        Assert.Contains("2, 4 of 4 missing", exception.Message, StringComparison.Ordinal);
        Assert.EndsWith(": Q8_0.", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("m-00000-of-00000.gguf")]
    [InlineData("m-00003-of-00002.gguf")]
    [InlineData("imatrix.gguf mmproj.gguf imatrix.dat README.md")]
    [InlineData("")]
    public void NoModel_IsAnError(string listing) =>
        Assert.True(Assert.Throws<ManifestException>(() => HubSelection.Choose(Files(listing), null, "owner/repo")).IsUnsupported);

    [Fact]
    public void SafetensorsOnly_SayHowToGetGguf()
    {
        ManifestException exception = Assert.Throws<ManifestException>(() => HubSelection.Choose(Files("config.json model.safetensors"), "Q4_K_M", "owner/repo"));
        Assert.Contains("hearth convert", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("m.gguf", true)]
    [InlineData("a/b c/ü.gguf", true)]
    [InlineData("../x.gguf", false)]
    [InlineData("a/../x.gguf", false)]
    [InlineData("/x.gguf", false)]
    [InlineData("a//x.gguf", false)]
    [InlineData("./x.gguf", false)]
    [InlineData("a\\x.gguf", false)]
    [InlineData("C:\\x.gguf", false)]
    [InlineData("x\n.gguf", false)]
    [InlineData("", false)]
    public void Path_IsSafe(string path, bool expected) => Assert.Equal(expected, HubFile.IsSafe(path));

    private static HubFile[] Files(string listing) => [.. listing.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(path => new HubFile(path, 100))];
}
