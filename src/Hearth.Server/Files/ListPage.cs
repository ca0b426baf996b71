using System.Globalization;
using Hearth.Server.Errors;
using Microsoft.AspNetCore.Http;

namespace Hearth.Server.Files;

/// <summary>Pages of lists, as OpenAI's clients ask for them.</summary>
internal static class ListPage
{
    /// <summary>Cuts a page out of a list.</summary>
    /// <param name="all">The items, the newest first.</param>
    /// <param name="request">The request, with <c>limit</c>, <c>after</c> and <c>order</c>.</param>
    /// <param name="idOf">An item's ID.</param>
    /// <param name="most">What <c>limit</c> may be, and <paramref name="usual"/> where nothing is said.</param>
    /// <param name="usual">Items of a page.</param>
    /// <returns>The items, and whether there are more behind them.</returns>
    /// <exception cref="ApiException">The query makes no sense.</exception>
    public static (IReadOnlyList<T> Items, bool HasMore) Cut<T>(IReadOnlyList<T> all, HttpRequest request, Func<T, string> idOf, int most, int usual)
    {
        IEnumerable<T> items = (string?)request.Query["order"] switch
        {
            null or "" or "desc" => all,
            "asc" => all.Reverse(),
            string order => throw ApiException.Invalid($"'order' is '{order}'; expected asc or desc.", "order", "invalid_value"),
        };
        string? limitText = request.Query["limit"];
        int limit = string.IsNullOrEmpty(limitText) ? usual
            : int.TryParse(limitText, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number >= 1 && number <= most ? number
            : throw ApiException.Invalid($"'limit' is '{limitText}'; expected 1 to {most}.", "limit", "invalid_value");
        if ((string?)request.Query["after"] is { Length: > 0 } after)
        {
            items = all.Any(item => idOf(item) == after) ? items.SkipWhile(item => idOf(item) != after).Skip(1)
                : throw ApiException.Invalid($"'after' is '{after}', which is none of the list.", "after", "invalid_value");
        }

        T[] page = [.. items.Take(limit + 1)];
        return (page.Length > limit ? page[..limit] : page, page.Length > limit);
    }
}
