using System.Globalization;
using Hearth.Server.Errors;
using Hearth.Server.Hosting;
using Hearth.Server.OpenAi;
using Microsoft.AspNetCore.Http;

namespace Hearth.Server.Anthropic;

/// <summary><c>GET /anthropic/v1/models</c>, page by page, and <c>GET /anthropic/v1/models/{id}</c>.</summary>
internal sealed class ModelCatalog(ModelHost host)
{
    private const int DefaultLimit = 20;
    private const int MaxLimit = 1000;

    public Task ListAsync(HttpContext context)
    {
        AnthropicApi.NameRequest(context.Response);
        IQueryCollection query = context.Request.Query;
        string? text = query["limit"];
        int limit = DefaultLimit;
        if (text is not null && (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out limit) || limit is < 1 or > MaxLimit))
        {
            throw ApiException.Invalid($"'limit' must be 1 to {MaxLimit}.", "limit", "invalid_value");
        }

        ModelInfo[] all = [.. ModelRoutes.List(host).Select(Describe)];
        string? after = query["after_id"];
        string? before = query["before_id"];
        if (after is not null && before is not null)
        {
            throw ApiException.Invalid("'after_id' and 'before_id' exclude each other.", "before_id", "invalid_value");
        }

        int start = after is null ? 0 : IndexOf(all, after, "after_id") + 1;
        int end = before is null ? all.Length : IndexOf(all, before, "before_id");
        ModelInfo[] page = before is null ? [.. all[start..end].Take(limit)] : [.. all[start..end].TakeLast(limit)];
        ModelPage body = new(page, end - start > page.Length, page.FirstOrDefault()?.Id, page.LastOrDefault()?.Id);
        return context.Response.WriteAsJsonAsync(body, AnthropicJson.Web.ModelPage, cancellationToken: context.RequestAborted);
    }

    public Task GetAsync(HttpContext context)
    {
        AnthropicApi.NameRequest(context.Response);
        return context.Response.WriteAsJsonAsync(Describe(ModelRoutes.Find(host, context)), AnthropicJson.Web.ModelInfo, cancellationToken: context.RequestAborted);
    }

    private static ModelInfo Describe(ModelEntry entry) => new(entry.Id, entry.Id, DateTimeOffset.FromUnixTimeSeconds(entry.Created));

    private static int IndexOf(ModelInfo[] models, string id, string parameter) => Array.FindIndex(models, model => model.Id == id) is >= 0 and int index
        ? index
        : throw ApiException.Invalid($"'{parameter}' is '{id}', which is none of the models.", parameter, "invalid_value");
}
