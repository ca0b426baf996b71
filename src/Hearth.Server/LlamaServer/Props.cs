using Hearth.Engine.Sampling;
using Hearth.Engine.Scheduling;
using Hearth.Engine.Templates;
using Hearth.Server.Hosting;
using Microsoft.AspNetCore.Http;

namespace Hearth.Server.LlamaServer;

/// <summary><c>GET /props</c>, as llama-server has it: what is in force for a model that continues text. The model is not loaded for it.</summary>
internal sealed class Props(ModelHost host)
{
    private static readonly string s_build = $"hearth {typeof(Props).Assembly.GetName().Version?.ToString(3)}";

    public Task HandleAsync(HttpContext context)
    {
        string? name = context.Request.Query["model"];
        ServedModel served = host.FindLanguage(string.IsNullOrEmpty(name) ? null : name);
        return context.Response.WriteAsJsonAsync(Body(served), PropsJson.Web.PropsBody, cancellationToken: context.RequestAborted);
    }

    private PropsBody Body(ServedModel served)
    {
        LanguageModelOptions options = served.Options.Load;
        LanguageModel? loaded = host.StatusOf(served).Select(status => status.Value).OfType<LanguageModel>().FirstOrDefault();
        return new PropsBody
        {
            DefaultGenerationSettings = new GenerationSettingsBody(loaded?.ContextLength ?? served.Header.ContextFor(options), Sampling(served.Options.Sampling)),
            TotalSlots = options.Parallel,
            ModelAlias = served.Name,
            ModelPath = served.Path,
            Modalities = new ModalitiesBody(Vision: false, Audio: false),
            ChatTemplate = options.ChatTemplate?.Text ?? served.Header.ChatTemplate ?? BuiltInTemplates.ChatMl,
            BosToken = served.Header.BosToken,
            EosToken = served.Header.EosToken,
            BuildInfo = s_build,
            IsSleeping = loaded is null,
        };
    }

    /// <summary>Sampling options by the names of llama-server's fields.</summary>
    public static SamplingBody Sampling(SamplingOptions options) => new()
    {
        Seed = options.Seed ?? uint.MaxValue,
        Temperature = options.Temperature,
        DynatempRange = options.DynamicTemperatureRange,
        DynatempExponent = options.DynamicTemperatureExponent,
        TopK = options.TopK,
        TopP = options.TopP,
        MinP = options.MinP,
        TopNSigma = options.TopNSigma,
        TypicalP = options.TypicalP,
        MinKeep = options.MinKeep,
        RepeatLastN = options.RepeatLastN,
        RepeatPenalty = options.RepeatPenalty,
        PresencePenalty = options.PresencePenalty,
        FrequencyPenalty = options.FrequencyPenalty,
        DryMultiplier = options.DryMultiplier,
        DryBase = options.DryBase,
        DryAllowedLength = options.DryAllowedLength,
        DryPenaltyLastN = options.DryPenaltyLastN,
        XtcProbability = options.XtcProbability,
        XtcThreshold = options.XtcThreshold,
        Mirostat = options.Mirostat,
        MirostatTau = options.MirostatTau,
        MirostatEta = options.MirostatEta,
        IgnoreEos = options.IgnoreEndOfGeneration,
    };
}
