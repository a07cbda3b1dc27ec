"""Exports of providers' consoles made up after the real headers, for the tests of every floor."""

from __future__ import annotations

OPENAI_COSTS = (
    "start_time,end_time,start_time_iso,end_time_iso,amount_value,amount_currency,quantity,"
    "quantity_unit,line_item,user_id,api_key_id,project_id,organization_id,project_name,"
    "organization_name,user_email,api_source"
)
OLD_OPENAI_COSTS = (
    "start_time,end_time,start_time_iso,end_time_iso,amount_value,amount_currency,line_item,"
    "project_id,organization_id,organization_name"
)
OPENAI_USAGE = (
    "start_time,end_time,start_time_iso,end_time_iso,project_id,num_model_requests,user_id,"
    "api_key_id,model,batch,service_tier,input_tokens,output_tokens,input_cached_tokens,"
    "input_uncached_tokens,input_text_tokens,output_text_tokens,input_cached_text_tokens,"
    "input_audio_tokens,input_cached_audio_tokens,output_audio_tokens,input_image_tokens,"
    "input_cached_image_tokens,output_image_tokens"
)
ANTHROPIC_COST = (
    "usage_date_utc,model,workspace,api_key,usage_type,context_window,token_type,cost_usd,"
    "list_price_usd,cost_type,inference_geo,speed,api_key_id,api_key_status"
)
ANTHROPIC_USAGE = (
    "usage_date_utc,model_version,api_key,workspace,usage_type,context_window,"
    "usage_input_tokens_no_cache,usage_input_tokens_cache_write_5m,"
    "usage_input_tokens_cache_write_1h,usage_input_tokens_cache_read,usage_output_tokens,"
    "web_search_count,inference_geo,speed"
)
DEEPSEEK_COST = "user_id,utc_date,model,wallet_type,cost,currency"
DEEPSEEK_AMOUNT = "user_id,utc_date,model,api_key_name,api_key,type,price,amount"
NEW_DEEPSEEK_COST = "user_id,start_time_iso,end_time_iso,model,wallet_type,cost,currency"
NEW_DEEPSEEK_AMOUNT = (
    "user_id,start_time_iso,end_time_iso,model,api_key_name,api_key,type,price,amount"
)
GOOGLE = (
    "Date,Service description,Service ID,SKU description,SKU ID,Usage amount,Usage unit,"
    "List cost ($),Negotiated savings ($),Savings programs ($),Other savings ($),"
    "Unrounded subtotal ($),Subtotal ($)"
)
GOOGLE_COST_TABLE = (
    "Billing account name,Billing account ID,Project name,Project ID,Project hierarchy,"
    "Service description,Service ID,SKU description,SKU ID,Consumption model description,"
    "Credit type,Cost type,Usage start date,Usage end date,Usage amount,Usage unit,"
    "Unrounded Cost ($),Cost ($)"
)

OCTOBER_5 = 1_759_622_400
"""2025-10-05T00:00:00Z."""

DAY = 86_400


def text(header: str, *rows: str, newline: str = "\n") -> str:
    return newline.join((header, *rows)) + newline


def openai_cost(day: int, amount: str, line_item: str = "", project: str = "") -> str:
    """A row of costs on the `day`th day from 5 October 2025."""
    start = OCTOBER_5 + day * DAY
    item = f'"{line_item}"' if line_item else ""
    currency, org = ("usd", "org-acme") if amount else ("", "")
    return (
        f"{start},{start + DAY},x,x,{amount},{currency},,,{item},,,{project},{org},,,"
        f"{'a@b.example' if amount else ''},"
    )


def openai_usage(day: int, model: str, *, whole: str, cached: str, output: str, n: str) -> str:
    start = OCTOBER_5 + day * DAY
    return (
        f"{start},{start + DAY},x,x,proj_1,{n},user-1,key_1,{model},FALSE,default,{whole},{output},"
        f"{cached},,,,,0.0,0.0,0.0,0.0,0.0,0.0"
    )


def empty_usage(day: int) -> str:
    start = OCTOBER_5 + day * DAY
    return f"{start},{start + DAY},x,x" + "," * 20


COSTS = text(
    OPENAI_COSTS,
    openai_cost(0, "0.8958740000000000", "gpt-5-mini, input", "proj_1"),
    openai_cost(0, "1.25", "gpt-5-mini, output", "proj_1"),
    openai_cost(1, ""),
    openai_cost(2, "0.5", "web search tool calls", "proj_2"),
)
