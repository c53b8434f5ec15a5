"""Every scene of the examples as participants see it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pictures.studio import CHROMIUM_ARGUMENTS, NotTakenError, Studio, chromium, here, keep, until, within


@dataclass(frozen=True)
class Screen:
    """What participants sit at. `ending` of the pictures' names says which, when it is not the usual one."""

    size: tuple[int, int] = (1100, 720)
    scheme: Any = "light"
    locale: str = "en"
    touch: bool = False
    only: list[str] = field(default_factory=list)

    @property
    def ending(self) -> str:
        usual = Screen()
        size = "" if self.size == usual.size else f"-{self.size[0]}x{self.size[1]}"
        scheme = "" if self.scheme == usual.scheme else f"-{self.scheme}"
        return f"{size}{scheme}" + ("" if self.locale == usual.locale else f"-{self.locale}")

    def context(self) -> dict[str, Any]:
        width, height = self.size
        return {
            "viewport": {"width": width, "height": height},
            "color_scheme": self.scheme,
            "locale": self.locale,
            "has_touch": self.touch,
            "is_mobile": self.touch,
        }


async def scenes(studio: Studio, screen: Screen) -> None:
    """Of every example, or of those that `screen` names."""
    from playwright.async_api import async_playwright

    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium(), args=CHROMIUM_ARGUMENTS)
        for folder, entry in list(studio.launcher.library.entries.items()):
            if screen.only and folder.name not in screen.only:
                continue
            await _with_packages(studio, folder)
            await studio.start(folder.name)
            players = max(1, int(entry.info["players"]))
            contexts = [await browser.new_context(**screen.context()) for _ in range(players)]
            people = [await context.new_page() for context in contexts]
            await _example(studio, people, f"scene-{folder.name}", screen.ending, entry.info)
            for context in contexts:
                await context.close()
            await studio.stop()
        await browser.close()


async def _with_packages(studio: Studio, folder: Path) -> None:
    """As "Download now" under Preflight: what the example asks for beyond what comes with the app."""
    program, *arguments = studio.launcher.command_line("prepare", [str(folder)])
    child = await asyncio.create_subprocess_exec(program, *arguments, stdout=asyncio.subprocess.DEVNULL)
    if await child.wait():
        raise NotTakenError(
            f"{folder.name}: its packages could not be had. Try again while this computer is on the internet."
        )


async def _take(studio: Studio, page: Any, name: str) -> None:
    """Without what the pointer would light up."""
    await page.mouse.move(1, 1)
    await page.wait_for_timeout(300)
    keep(await page.screenshot(), studio.out / f"{name}.png")


async def _example(studio: Studio, pages: list[Any], name: str, ending: str, info: dict[str, Any]) -> None:
    """The researcher moves as many participants as one match needs from scene to scene."""
    engine = studio.launcher.engine
    for number, page in enumerate(pages, 1):
        await page.goto(here(engine.join_url))
        await page.get_by_role("button").first.wait_for()
        if number == 1:
            await _take(studio, page, f"{name}-join{ending}")
        await page.get_by_role("button").first.click()
        await until(lambda number=number: _in_scenes(engine) == number, "joined")  # type: ignore[misc]
    for scene in info["scenes"]:
        moved = [await _move(engine, participant, scene["id"]) for participant in list(engine.mirror.participants)]
        if not all(moved):  # drawn for others, or on another branch
            continue
        await pages[0].wait_for_timeout(1500)
        await _take(studio, pages[0], f"{name}-{scene['id']}{ending}")
        if scene["kind"] == "gym":
            await _play(pages, engine)
            await _take(studio, pages[0], f"{name}-{scene['id']}-playing{ending}")


def _in_scenes(engine: Any) -> int:
    return sum(bool(row["scene_id"]) for row in engine.mirror.participants.values())


async def _move(engine: Any, participant: str, scene: str) -> bool:
    """False when the scene is not in this participant's plan. Of a repeated scene the first round is shown."""
    for name in (scene, f"{scene}_r1", f"{scene}_r1_r1"):
        if await _moved(engine, participant, name):
            return True
    return False


async def _moved(engine: Any, participant: str, scene: str) -> bool:
    answered: list[Any] = []
    rows = engine.mirror.participants
    engine.command("move", {"participant": participant, "scene": scene}, "picture", answered.append)
    await until(lambda: answered, f"move to {scene}")
    if not answered[0].ok:
        return False
    return await within(6, lambda: rows[participant]["scene_id"] == scene or rows[participant]["state"] == "finished")


async def _play(pages: list[Any], engine: Any) -> None:
    """Everybody starts the game of a gym scene; returns when it is well under way, or stands still (a turn game)."""
    for page in pages:
        await page.locator("main button:visible").first.click(timeout=90_000)
    rows = engine.mirror.participants
    await within(60, lambda: all((row["frame"] or 0) > 45 for row in rows.values()))
